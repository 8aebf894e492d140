// Where the log stands: at its end it stays there; elsewhere it stays where the reader is, whatever comes.

import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Visit } from '../../client/index.ts';

/** So near to the end counts as at the end, in CSS pixels. */
const NEAR = 64;
/** So near to the beginning asks for what is older. */
const OLDER = 200;

interface Held {
  atEnd: boolean;
  height: number;
  first: number;
  last: string;
}

/** The key of the last thing said, and the number of the first message held. */
function endsOf({ thread, drafts }: Visit): Pick<Held, 'first' | 'last'> {
  const last = drafts.at(-1)?.clientId ?? thread?.messages.at(-1)?.clientId ?? '';
  return { first: thread?.messages[0]?.seq ?? 0, last };
}

/** Written here just now; what the visitor wrote in another tab does not move this one. */
function isMine({ drafts }: Visit, key: string): boolean {
  return drafts.some(({ clientId }) => clientId === key);
}

export function useScroll(visit: Visit, onOlder: () => void) {
  const box = useRef<HTMLDivElement>(null);
  const held = useRef<Held>({ atEnd: true, height: 0, first: 0, last: '' });
  const [hasNew, setNew] = useState(false);

  const toBottom = useCallback(() => {
    const it = box.current;
    if (!it) return;
    // Gliding over more than a few screens takes long and shows nothing.
    const isFar = it.scrollHeight - it.scrollTop > 4 * it.clientHeight;
    const still = isFar || matchMedia('(prefers-reduced-motion: reduce)').matches;
    it.scrollTo({ top: it.scrollHeight, behavior: still ? 'instant' : 'smooth' });
  }, []);

  const onScroll = useCallback(() => {
    const it = box.current;
    if (!it) return;
    held.current.atEnd = it.scrollHeight - it.scrollTop - it.clientHeight < NEAR;
    if (held.current.atEnd) setNew(false);
    if (it.scrollTop < OLDER) onOlder();
  }, [onOlder]);

  useLayoutEffect(() => {
    const it = box.current;
    if (!it) return;
    const before = held.current;
    const ends = endsOf(visit);
    const grewAbove = before.first > 0 && ends.first < before.first && ends.first > 0;
    const isNew = ends.last !== before.last;
    if (before.atEnd || (isNew && isMine(visit, ends.last))) it.scrollTop = it.scrollHeight;
    else if (grewAbove) it.scrollTop += it.scrollHeight - before.height;
    else if (isNew) setNew(true);
    held.current = { ...held.current, ...ends, height: it.scrollHeight };
  }, [visit]);

  // The box itself changes when the composer grows or the keyboard opens.
  useLayoutEffect(() => {
    const it = box.current;
    if (!it) return;
    const follow = () => {
      if (held.current.atEnd) it.scrollTop = it.scrollHeight;
    };
    const observer = new ResizeObserver(follow);
    observer.observe(it);
    return () => observer.disconnect();
  }, []);

  return { box, onScroll, hasNew, toBottom };
}
