// Timers that keep time in a hidden tab. After five minutes out of sight browsers run a page's timers once a minute,
// too seldom for heartbeats: a visitor who waits in another tab would be cut off every minute. A worker's timers go
// on. The worker is started the first time that the page is hidden.

/** The worker's file beside this one; the build fills in its name. */
declare const TICKER_FILE: string;

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

function start(): Worker | null {
  try {
    const url = new URL(TICKER_FILE, import.meta.url).href;
    // Where Trusted Types are required, a worker's address has to come from a policy. This one is ours alone.
    const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
    const trusted = types?.createPolicy('aican-ticker', { createScriptURL: (own) => own }) ?? null;
    return new Worker(trusted ? trusted.createScriptURL(url) : url);
  } catch {
    return null; // then the page's own timers have to do
  }
}

export class Ticker {
  private worker: Worker | null = null;
  private last = 0;
  private readonly waiting = new Map<number, () => void>();

  /** Begins to keep time beside the page's own timers; further calls do nothing. */
  begin(): void {
    if (this.worker) return;
    this.worker = start();
    this.worker?.addEventListener('message', ({ data }) => {
      const run = this.waiting.get(data);
      this.waiting.delete(data);
      run?.();
    });
  }

  /** Runs once after `ms`; returns the undoing. */
  after(ms: number, run: () => void): () => void {
    if (!this.worker) return () => {};
    this.last += 1;
    const id = this.last;
    this.waiting.set(id, run);
    this.worker.postMessage({ id, ms });
    return () => void this.waiting.delete(id);
  }
}
