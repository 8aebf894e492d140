// Keeps a list of messages where its reader is: at the end it follows what comes, further up it stays put.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Item } from '../state/timeline.ts';

interface ScrollOptions {
  readonly items: readonly Item[];
  readonly isTyping: boolean;
  /** The reader came near the first message. */
  readonly onTop: () => void;
}

/** So near to the end counts as at the end, and so near to the beginning asks for more. */
const END_PX = 48;
const TOP_PX = 160;

function textsIn(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + (item.is === 'group' ? item.messages.length : 0), 0);
}

const firstOf = (items: readonly Item[]): string => items.find((item) => item.is !== 'day')?.key ?? '';

export function useScroll({ items, isTyping, onTop }: ScrollOptions) {
  const box = useRef<HTMLElement>(null);
  const before = useRef({ first: '', texts: 0, height: 0 });
  const [isAtEnd, setAtEnd] = useState(true);
  const [news, setNews] = useState(0);
  const first = firstOf(items);
  const texts = textsIn(items);

  useLayoutEffect(() => {
    const { current } = box;
    if (!current) return;
    const last = before.current;
    const hasOlder = last.first !== '' && first !== last.first && texts > last.texts;
    if (hasOlder && !isAtEnd) current.scrollTop += current.scrollHeight - last.height;
    else if (isAtEnd) current.scrollTop = current.scrollHeight;
    else if (texts > last.texts) setNews((count) => count + texts - last.texts);
    before.current = { first, texts, height: current.scrollHeight };
  }, [items, isTyping, isAtEnd]);

  // What grows by itself (a phone's keyboard, a longer composer) must not hide the end.
  useLayoutEffect(() => {
    const { current } = box;
    if (!current || !isAtEnd) return;
    const follow = new ResizeObserver(() => {
      current.scrollTop = current.scrollHeight;
    });
    follow.observe(current);
    return () => follow.disconnect();
  }, [isAtEnd]);

  const onScroll = () => {
    const { current } = box;
    if (!current) return;
    const atEnd = current.scrollHeight - current.scrollTop - current.clientHeight < END_PX;
    setAtEnd(atEnd);
    if (atEnd) setNews(0);
    if (!atEnd && current.scrollTop < TOP_PX) onTop();
  };
  const toEnd = () => {
    const { current } = box;
    current?.scrollTo({ top: current.scrollHeight, behavior: 'smooth' });
  };
  return { box, isAtEnd, news, onScroll, toEnd };
}
