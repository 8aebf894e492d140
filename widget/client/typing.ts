// Says that the person writes, seldom enough for the server to pass it on, and that they stopped.

import type { Cancel, Clock } from './world.ts';

/** At most one each three seconds is passed on (PROTOCOL.md). */
const EVERY_MS = 3_000;
/** Without a key for so long, the person stopped. */
const STOPPED_MS = 4_000;

export class TypingSignal {
  private readonly clock: Clock;
  private readonly tell: (on: boolean) => void;
  private saidAt: number | null = null;
  private cancel: Cancel | null = null;

  constructor(clock: Clock, tell: (on: boolean) => void) {
    this.clock = clock;
    this.tell = tell;
  }

  /** The text in the composer changed to `text`. */
  wrote(text: string): void {
    if (text.trim() === '') {
      this.stop();
      return;
    }
    this.cancel?.();
    this.cancel = this.clock.after(STOPPED_MS, () => this.stop());
    const now = this.clock.now();
    if (this.saidAt !== null && now - this.saidAt < EVERY_MS) return;
    this.saidAt = now;
    this.tell(true);
  }

  stop(): void {
    this.cancel?.();
    this.cancel = null;
    if (this.saidAt === null) return;
    this.saidAt = null;
    this.tell(false);
  }
}
