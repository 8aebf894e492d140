// The conversation, scrolled as the reader left it.

import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { Role, type Visit } from '../../client/index.ts';
import { Avatar } from './Avatar.tsx';
import { type BubbleActions, Group, Text } from './Bubble.tsx';
import { Down } from './icons.tsx';
import { dayName, dayOf } from './moments.ts';
import { type Row, rowsOf } from './rows.ts';
import { useScroll } from './scroll.ts';
import { words } from './words.ts';

interface LogProps {
  readonly visit: Visit;
  readonly actions: BubbleActions;
  readonly onOlder: () => void;
  /** Shown after the last message. */
  readonly children: ComponentChildren;
}

export function Log({ visit, actions, onOlder, children }: LogProps) {
  const { thread, drafts } = visit;
  const rows = useMemo(() => rowsOf(thread, drafts, dayOf), [thread, drafts]);
  const { box, onScroll, hasNew, toBottom } = useScroll(visit, onOlder);
  return (
    <main class="log-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <div class="log" ref={box} onScroll={onScroll} role="log" aria-label={words.log} tabIndex={0}>
        {thread?.more ? (
          <p class="older">{words.older}</p>
        ) : (
          <Welcome visit={visit} isAll={rows.length === 0} />
        )}
        <ol class="rows">
          {rows.map((row) => (
            <Drawn key={row.key} row={row} known={thread?.agent?.name ?? ''} actions={actions} />
          ))}
        </ol>
        <Typing visit={visit} />
        {children}
      </div>
      {hasNew && (
        <button type="button" class="pill" aria-label={words.toBottom} onClick={toBottom}>
          {words.newMessages}
          <Down />
        </button>
      )}
    </main>
  );
}

interface DrawnProps {
  readonly row: Row;
  readonly known: string;
  readonly actions: BubbleActions;
}

function Drawn({ row, known, actions }: DrawnProps) {
  switch (row.is) {
    case 'group':
      return <Group row={row} known={known} actions={actions} />;
    case 'day':
      return <li class="event day">{dayName(row.at, Date.now())}</li>;
    case 'joined':
      return <li class="event">{words.joined(row.name || words.someone)}</li>;
    case 'ended':
      return <li class="event">{words.ended}</li>;
    case 'unreadable':
      return <li class="event">{words.unreadable}</li>;
  }
}

/** Where a conversation begins. While it is all there is, it has the room to itself. */
function Welcome({ visit, isAll }: { readonly visit: Visit; readonly isAll: boolean }) {
  const { site } = visit;
  if (!site) return null;
  return (
    <div class={isAll ? 'welcome all' : 'welcome'}>
      <Avatar name={site.name} round={false} size="large" />
      <p class="greeting" dir="auto">
        <Text text={site.greeting} />
      </p>
    </div>
  );
}

function Typing({ visit }: { readonly visit: Visit }) {
  const { thread } = visit;
  const typist = thread?.typing.find(({ role }) => role === Role.AGENT);
  if (!thread || !typist) return null;
  const name = thread.people[typist.author]?.name || thread.agent?.name || words.someone;
  return (
    <div class="group theirs typing">
      <Avatar name={name} size="small" />
      <p class="bubble">
        <span class="aloud">{words.typing(name)}</span>
        <i />
        <i />
        <i />
      </p>
    </div>
  );
}
