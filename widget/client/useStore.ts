// A store in a Preact component.

import { useEffect, useState } from 'preact/hooks';
import type { Store } from './store.ts';

/** The part of the state that `select` picks; the component is drawn again when that part is another value. */
export function useStore<S, T>(
  store: Pick<Store<S, never>, 'get' | 'subscribe'>,
  select: (state: S) => T,
): T {
  const [, redraw] = useState(0);
  const now = select(store.get());
  useEffect(() => {
    let shown = now;
    const look = () => {
      const next = select(store.get());
      if (Object.is(next, shown)) return;
      shown = next;
      redraw((turn) => turn + 1);
    };
    look();
    return store.subscribe(look);
  }, [store, select, now]);
  return now;
}
