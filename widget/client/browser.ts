// The browser as a World.

import type { Wire, World } from './world.ts';

export const browserWorld: World = {
  clock: {
    now: () => Date.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  },
  random: () => Math.random(),
  bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  dial: (url, subprotocol) => new WebSocket(url, subprotocol) as Wire,
};

/** Calls `nudge` when the network or the person comes back: a good moment to connect at once. Returns the undoing. */
export function whenBack(nudge: () => void): () => void {
  const shown = () => {
    if (document.visibilityState === 'visible') nudge();
  };
  window.addEventListener('online', nudge);
  document.addEventListener('visibilitychange', shown);
  return () => {
    window.removeEventListener('online', nudge);
    document.removeEventListener('visibilitychange', shown);
  };
}
