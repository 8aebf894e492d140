// What comes and goes, without flickering.

import { useEffect, useRef, useState } from 'preact/hooks';

/** True once `on` has been true for `ms` without a break; from then on for `keptMs` at least. */
export function useSteady(on: boolean, ms: number, keptMs = 0): boolean {
  const [isShown, show] = useState(false);
  const since = useRef(0);
  useEffect(() => {
    if (on === isShown) return;
    const wait = on ? ms : Math.max(0, since.current + keptMs - Date.now());
    const timer = setTimeout(() => {
      since.current = Date.now();
      show(on);
    }, wait);
    return () => clearTimeout(timer);
  }, [on, isShown, ms, keptMs]);
  return isShown;
}

/** Whether the connection has been away long enough to be worth a word; short losses nobody needs to know of. */
export function useNoticed(awaySince: number | null): boolean {
  return useSteady(awaySince !== null, UNNOTICED_MS, SHOWN_MS);
}

/** A loss that is over before anybody could have noticed is not worth a line. */
const UNNOTICED_MS = 1_000;
/** What was noticed is shown for so long, to be read. */
const SHOWN_MS = 1_000;
