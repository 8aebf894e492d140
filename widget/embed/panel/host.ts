// The page around the panel: what it says, checked, and what we tell it.

import { type ToLauncher, type ToPanel, toPanel, wrap } from '../bridge.ts';

export interface Host {
  /** Opened by itself in a tab of its own, without a page around. */
  readonly isAlone: boolean;
  tell(message: ToLauncher): void;
  /** Everything the launcher says, once it proved to be one of `embedders`. */
  listen(hear: (message: ToPanel) => void): void;
}

export function hostOf(embedders: readonly string[]): Host {
  /** The launcher speaks first; until then we do not know which of the origins it has. */
  let origin: string | null = null;
  return {
    isAlone: window.parent === window,
    tell(message) {
      if (origin) window.parent.postMessage(wrap(message), origin);
    },
    listen(hear) {
      window.addEventListener('message', (event) => {
        if (event.source !== window.parent || !embedders.includes(event.origin)) return;
        const message = toPanel(event.data);
        if (!message) return;
        origin = event.origin;
        hear(message);
      });
    },
  };
}
