// One clock for everything that ticks on the screen; it runs only while something shows it.

import { useStore } from '../../client/useStore.ts';

const TICK_MS = 1_000;

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** It stops at a tick that nobody hears: to stop with the last listener would start anew at every drawing, and drift. */
function tick(): void {
  for (const each of [...listeners]) each();
  if (listeners.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

const ticker = {
  get: () => Date.now(),
  subscribe(listener: () => void) {
    listeners.add(listener);
    timer ??= setInterval(tick, TICK_MS);
    return () => {
      listeners.delete(listener);
    };
  },
};

/** What `read` makes of the present time; the component is drawn again only when that changes. */
export function useTicking<T>(read: (now: number) => T): T {
  return useStore(ticker, read);
}
