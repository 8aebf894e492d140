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

/** Whether the browser has a network at all. Where it has, the way to the server may be cut nevertheless. */
export const online = {
  get: () => navigator.onLine,
  subscribe(listener: () => void): () => void {
    window.addEventListener('online', listener);
    window.addEventListener('offline', listener);
    return () => {
      window.removeEventListener('online', listener);
      window.removeEventListener('offline', listener);
    };
  },
};

/** A browser that says it is offline is nearly always right: its connection gets one short chance to prove it wrong. */
const OFFLINE_PROBE_MS = 300;

/**
 * Calls `nudge` when the person comes back or the network comes or goes: a good moment to connect at once, or to ask
 * what seems open for a sign of life, within `ms` where it should be short. While the person is away the clock keeps
 * its time. Returns the undoing.
 */
export function whenBack(nudge: (ms?: number) => void): () => void {
  const turned = () => {
    if (document.visibilityState === 'visible') nudge();
    else ticker.begin();
  };
  const forget = online.subscribe(() => nudge(navigator.onLine ? undefined : OFFLINE_PROBE_MS));
  document.addEventListener('visibilitychange', turned);
  return () => {
    forget();
    document.removeEventListener('visibilitychange', turned);
  };
}
