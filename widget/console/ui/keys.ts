// The keyboard's way through the console. Single keys count only while nothing is being written.

import { useEffect } from 'preact/hooks';
import type { AgentSession } from '../agent.ts';
import { go } from '../route.ts';
import { listOf, listsOf } from '../state/lists.ts';
import { claim } from './claim.ts';
import { useSession } from './session.ts';

const ROW = '[data-row]';

function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(ROW)];
}

/** The row that has the focus; else the open conversation's. */
function selected(): HTMLElement | undefined {
  const focused = document.activeElement?.closest<HTMLElement>(ROW);
  return focused ?? rows().find((row) => row.getAttribute('aria-current') === 'true');
}

/** Moves the focus to the next row (1) or the one before (-1). */
function move(step: 1 | -1): void {
  const all = rows();
  const from = selected();
  const index = from ? all.indexOf(from) + step : step > 0 ? 0 : all.length - 1;
  const row = all[Math.min(Math.max(index, 0), all.length - 1)];
  row?.focus();
  row?.scrollIntoView({ block: 'nearest' });
}

function claimSelected(session: AgentSession): void {
  const { conversations, me, screen } = session.store.get();
  const view = conversations.get(selected()?.dataset['row'] ?? screen.openId ?? '');
  if (view && listOf(view, me?.account) === 'waiting') void claim(session, view.conversation);
}

function openLongestWaiting(session: AgentSession): void {
  const { conversations, me } = session.store.get();
  const [first] = listsOf(conversations, me?.account).waiting;
  if (first) go(first.conversation);
}

/** Escape leads one step out: from writing to the row, from the conversation to the list. */
function stepOut(session: AgentSession): void {
  const { openId } = session.store.get().screen;
  const row = rows().find((each) => each.dataset['row'] === openId);
  if (isWriting(document.activeElement) && row?.offsetParent) row.focus();
  else if (openId) {
    go(null);
    row?.focus();
  }
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
}

const KEYS: Readonly<Record<string, (session: AgentSession) => void>> = {
  j: () => move(1),
  k: () => move(-1),
  c: claimSelected,
  n: openLongestWaiting,
  r: () => document.querySelector<HTMLElement>('[data-composer]')?.focus(),
};

function pressed(event: KeyboardEvent, session: AgentSession, onHelp: () => void): boolean {
  const isOnList = document.activeElement?.closest(ROW) != null;
  if (event.key === 'Escape') stepOut(session);
  else if (isWriting(event.target)) return false;
  else if (event.key === '?') onHelp();
  else if (event.key === 'ArrowDown' && isOnList) move(1);
  else if (event.key === 'ArrowUp' && isOnList) move(-1);
  else {
    const act = KEYS[event.key.toLowerCase()];
    act?.(session);
    return act !== undefined;
  }
  return true;
}

export function useKeys(onHelp: () => void): void {
  const session = useSession();
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const isBusy =
        event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented;
      if (isBusy || document.querySelector('dialog[open], :popover-open')) return;
      if (pressed(event, session, onHelp)) event.preventDefault();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [session]);
}
