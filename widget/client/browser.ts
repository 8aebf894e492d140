// The browser as a World.

import { Ticker } from './ticker.ts';
import type { Cancel, Wire, World } from './world.ts';

const ticker = new Ticker();

/** Whichever comes first, the page's timer or the worker's: the page's may be held back while it is hidden. */
function after(ms: number, run: () => void): Cancel {
  const cancel = () => {
    clearTimeout(timer);
    forget();
  };
  const once = () => {
    cancel();
    run();
  };
  const timer = setTimeout(once, ms);
  const forget = ticker.after(ms, once);
  return cancel;
}

export const browserWorld: World = {
  clock: { now: () => Date.now(), after },
  random: () => Math.random(),
  bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  dial: (url, subprotocol) => new WebSocket(url, subprotocol) as Wire,
};

/**
 * Calls `nudge` when the network or the person comes back: a good moment to connect at once. While they are away the
 * clock keeps its time. Returns the undoing.
 */
export function whenBack(nudge: () => void): () => void {
  const turned = () => {
    if (document.visibilityState === 'visible') nudge();
    else ticker.begin();
  };
  window.addEventListener('online', nudge);
  document.addEventListener('visibilitychange', turned);
  return () => {
    window.removeEventListener('online', nudge);
    document.removeEventListener('visibilitychange', turned);
  };
}
