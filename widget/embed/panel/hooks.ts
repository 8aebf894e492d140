// Time in components, and text that outlives a reload.

import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { Shelf } from '../../client/index.ts';

/** A text and its setter, as useState has them; the text is on `shelf` as long as it is not empty. */
export function useKept(shelf: Shelf) {
  const kept = useState(() => shelf.get() ?? '');
  const [text] = kept;
  // Before the next paint: who sends and reloads at once must not find the text again.
  useLayoutEffect(() => {
    if (text) shelf.set(text);
    else shelf.clear();
  }, [shelf, text]);
  return kept;
}

/** The present moment, anew every `everyMs`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** True once `since` is more than `ms` ago; false while it is null. So what lasts only a moment is not shown. */
export function useLasting(since: number | null, ms: number): boolean {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (since === null) {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), Math.max(0, since + ms - Date.now()));
    return () => clearTimeout(timer);
  }, [since, ms]);
  return shown && since !== null;
}
