// The left column: four lists of conversations, and me.

import { useState } from 'preact/hooks';
import type { SignedIn } from '../api.ts';
import { type ListName, type Lists, listsOf } from '../state/lists.ts';
import { type Phrase, say } from '../words/say.ts';
import { Icon } from './icons.tsx';
import { Me } from './me.tsx';
import { Avatar } from './parts.tsx';
import { Row } from './row.tsx';
import { useDesk } from './session.ts';
import { Team } from './team.tsx';

interface SidebarProps {
  readonly signedIn: SignedIn;
  readonly onShortcuts: () => void;
  readonly onLeave: () => void;
}

const NAMES: Record<ListName, Phrase & ('waiting' | 'yours' | 'colleagues' | 'recentlyEnded')> = {
  waiting: 'waiting',
  yours: 'yours',
  theirs: 'colleagues',
  ended: 'recentlyEnded',
};

/**
 * So many of those who wait stand there at first: a long queue must not push my own conversations out of sight, and a
 * very long one must not tick hundreds of times a second.
 */
const WAITING_BESIDE_MINE = 5;
const WAITING_ALONE = 50;

const ORDER: readonly ListName[] = ['waiting', 'yours', 'theirs', 'ended'];

export function Sidebar({ signedIn, onShortcuts, onLeave }: SidebarProps) {
  const conversations = useDesk((desk) => desk.conversations);
  const account = useDesk((desk) => desk.me?.account);
  const hasQueue = useDesk((desk) => desk.hasQueue);
  const openId = useDesk((desk) => desk.screen.openId);
  const [isFolded, fold] = useState<Partial<Record<ListName, boolean>>>({ theirs: true, ended: true });
  const [cursor, setCursor] = useState<string | null>(null);
  const lists = listsOf(conversations, account);
  const [isWhole, showWhole] = useState(false);
  const first = lists.yours.length > 0 ? WAITING_BESIDE_MINE : WAITING_ALONE;
  const isLong = lists.waiting.length > first;
  const shown = isWhole || !isLong ? lists : { ...lists, waiting: lists.waiting.slice(0, first) };
  const tabStop = tabStopOf(shown, isFolded, cursor ?? openId);

  return (
    <aside class="sidebar">
      <header class="sidebar-head">
        <Avatar id={signedIn.workspace.name} name={signedIn.workspace.name} shape="square" size="small" />
        <h1>{signedIn.workspace.name}</h1>
        <Team />
      </header>
      <nav class="lists" aria-label={say('conversations')}>
        {hasQueue
          ? ORDER.map((name) => (
              <Section
                key={name}
                name={name}
                count={lists[name].length}
                shown={shown[name]}
                isFolded={isFolded[name] === true}
                onFold={(folded) => fold({ ...isFolded, [name]: folded })}
                tabStop={tabStop}
                onCursor={setCursor}
                more={name === 'waiting' && isLong ? showWhole : null}
              />
            ))
          : PLACES.map((place) => <RowPlace key={place} />)}
      </nav>
      <Me signedIn={signedIn} onShortcuts={onShortcuts} onLeave={onLeave} />
    </aside>
  );
}

/** Of all rows exactly one is a stop of the Tab key: the one last focused, the open one, or the first. */
function tabStopOf(
  lists: Lists,
  isFolded: Partial<Record<ListName, boolean>>,
  wanted: string | null,
): string {
  const shown = ORDER.filter((name) => !isFolded[name]).flatMap((name) => lists[name]);
  const stop = shown.find((view) => view.conversation === wanted) ?? shown[0];
  return stop?.conversation ?? '';
}

interface SectionProps {
  readonly name: ListName;
  readonly count: number;
  readonly shown: Lists[ListName];
  readonly isFolded: boolean;
  readonly onFold: (isFolded: boolean) => void;
  readonly tabStop: string;
  readonly onCursor: (id: string) => void;
  /** Shows the whole list or its beginning; null where all of it is shown anyway. */
  readonly more: ((isWhole: boolean) => void) | null;
}

function Section({ name, count, shown, isFolded, onFold, tabStop, onCursor, more }: SectionProps) {
  const id = `list-${name}`;
  if (count === 0 && (name === 'theirs' || name === 'ended')) return null;
  return (
    <section class="section" data-list={name}>
      <h2>
        <button
          type="button"
          class="section-head"
          aria-expanded={!isFolded}
          aria-controls={id}
          onClick={() => onFold(!isFolded)}
        >
          <Icon name="chevron" size={12} />
          <span>{say(NAMES[name])}</span>
          <span class="count">{count}</span>
        </button>
      </h2>
      {!isFolded && (
        <ul id={id}>
          {shown.map((view) => (
            <Row
              key={view.conversation}
              view={view}
              list={name}
              isTabStop={view.conversation === tabStop}
              onFocus={onCursor}
            />
          ))}
          {count === 0 && <Nothing name={name} />}
          {more && <More hidden={count - shown.length} onClick={more} />}
        </ul>
      )}
    </section>
  );
}

function More({
  hidden,
  onClick,
}: {
  readonly hidden: number;
  readonly onClick: (isWhole: boolean) => void;
}) {
  return (
    <li>
      <button type="button" class="more" onClick={() => onClick(hidden > 0)}>
        {hidden > 0 ? say('showMore', { count: hidden }) : say('showFewer')}
      </button>
    </li>
  );
}

function Nothing({ name }: { readonly name: ListName }) {
  return <li class="nothing">{say(name === 'waiting' ? 'nobodyWaitingHint' : 'yoursEmpty')}</li>;
}

const PLACES = [1, 2, 3, 4, 5];

/** Stands where a row will be, until the queue comes. */
function RowPlace() {
  return (
    <div class="row row-place" aria-hidden="true">
      <span class="place-round" />
      <span class="place-lines">
        <span />
        <span />
      </span>
    </div>
  );
}
