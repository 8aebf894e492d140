// Time in components.

import { useEffect, useState } from 'preact/hooks';

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
