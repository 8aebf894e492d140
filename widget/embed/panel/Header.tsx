// Who the visitor talks to, and the way out.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Visit } from '../../client/index.ts';
import { Avatar } from './Avatar.tsx';
import { Close, More } from './icons.tsx';
import { words } from './words.ts';

interface HeaderProps {
  readonly visit: Visit;
  /** There has been no connection for a while: nobody knows who is here. */
  readonly isAway: boolean;
  readonly canEnd: boolean;
  readonly onEnd: () => void;
  /** Absent when there is no launcher around to close. */
  readonly onClose: (() => void) | undefined;
}

export function Header({ visit, isAway, canEnd, onEnd, onClose }: HeaderProps) {
  const agent = visit.thread?.agent;
  const name = agent?.name || visit.site?.name || words.chat;
  useEffect(() => {
    document.title = name;
  }, [name]);
  const presence = visit.attended ? words.attended : words.unattended;
  return (
    <header class="header">
      {agent && <Avatar name={name} />}
      <div class="who">
        <h1 dir="auto">{name}</h1>
        {visit.site && (
          <p class={visit.attended && !isAway ? 'presence here' : 'presence'}>
            {isAway ? words.notConnected : presence}
          </p>
        )}
      </div>
      {canEnd && <Menu onEnd={onEnd} />}
      {onClose && (
        <button type="button" class="tool" aria-label={words.close} onClick={onClose}>
          <Close />
        </button>
      )}
    </header>
  );
}

function Menu({ onEnd }: { readonly onEnd: () => void }) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const leave = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      setOpen(false);
      root.current?.querySelector('button')?.focus();
    };
    // In the capturing phase: Escape closes the menu before it would close the panel.
    const listening = new AbortController();
    document.addEventListener('pointerdown', leave, listening);
    document.addEventListener('focusin', leave, listening);
    document.addEventListener('keydown', onKeyDown, { capture: true, signal: listening.signal });
    return () => listening.abort();
  }, [isOpen]);
  const end = () => {
    setOpen(false);
    onEnd();
  };
  return (
    <div class="menu" ref={root}>
      <button
        type="button"
        class="tool"
        aria-label={words.more}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <More />
      </button>
      {isOpen && (
        <div class="sheet">
          <button type="button" onClick={end}>
            {words.end}
          </button>
        </div>
      )}
    </div>
  );
}
