// One conversation in a list: who, since when, and the latest words.

import { type ConversationView, Role } from '../../client/frames.ts';
import { go, pathOf } from '../route.ts';
import { type ListName, previewOf, unreadOf } from '../state/lists.ts';
import { previewText } from '../words/happening.ts';
import { nameOf, pageName } from '../words/names.ts';
import { say } from '../words/say.ts';
import { ago, stopwatch } from '../words/time.ts';
import { claim } from './claim.ts';
import { memo } from './memo.ts';
import { VisitorAvatar } from './parts.tsx';
import { useDesk, useSession } from './session.ts';
import { useTicking } from './ticker.ts';

interface RowProps {
  readonly view: ConversationView;
  readonly list: ListName;
  readonly isTabStop: boolean;
  readonly onFocus: (id: string) => void;
}

export const Row = memo(function Row({ view, list, isTabStop, onFocus }: RowProps) {
  const session = useSession();
  const id = view.conversation;
  const isOpen = useDesk((desk) => desk.screen.openId === id);
  const unread = useDesk((desk) => (list === 'yours' ? unreadOf(desk.threads.get(id)) : 0));
  const open = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(id);
  };
  return (
    <li class="row-item">
      <a
        class="row"
        href={pathOf(id)}
        data-row={id}
        data-unread={unread > 0}
        aria-current={isOpen ? 'true' : undefined}
        tabIndex={isTabStop ? 0 : -1}
        onClick={open}
        onFocus={() => onFocus(id)}
      >
        <VisitorAvatar view={view} />
        <span class="row-body">
          <span class="row-line">
            <span class="row-name" dir="auto">
              {nameOf(view)}
            </span>
            <Since view={view} list={list} />
          </span>
          <span class="row-line">
            <Preview view={view} list={list} />
            {unread > 0 && <Unread count={unread} />}
          </span>
          {list !== 'ended' && <Page view={view} />}
        </span>
      </a>
      {list === 'waiting' && (
        <button type="button" class="row-claim" tabIndex={-1} onClick={() => void claim(session, id)}>
          {say('claim')}
        </button>
      )}
    </li>
  );
});

/** From here on somebody has waited too long. */
const LONG_MS = 2 * 60_000;
const TOO_LONG_MS = 5 * 60_000;

type Tone = 'calm' | 'warm' | 'bad';

export function toneOf(wait: number): Tone {
  if (wait >= TOO_LONG_MS) return 'bad';
  return wait >= LONG_MS ? 'warm' : 'calm';
}

/** Ticks while somebody waits; else tells how long ago the latest thing happened. */
function Since({ view, list }: Pick<RowProps, 'view' | 'list'>) {
  const offset = useDesk((desk) => desk.clockOffset);
  const at = view.endedAt ?? view.preview?.at ?? view.claimedAt ?? view.openedAt;
  const isWaiting = list === 'waiting';
  const text = useTicking((now) =>
    isWaiting ? stopwatch(now + offset - view.openedAt) : ago(now + offset - at),
  );
  const tone = useTicking((now) => (isWaiting ? toneOf(now + offset - view.openedAt) : undefined));
  return (
    <span class="row-since" data-tone={tone}>
      {isWaiting && <span class="unseen">{say('waitingFor', { wait: '' })}</span>}
      {text}
    </span>
  );
}

function Preview({ view, list }: Pick<RowProps, 'view' | 'list'>) {
  const thread = useDesk((desk) => desk.threads.get(view.conversation));
  const me = useDesk((desk) => desk.me?.account);
  const isTyping = thread?.typing.some(({ role }) => role === Role.VISITOR) === true && list === 'yours';
  if (isTyping) return <span class="row-preview row-typing">{say('typing')}</span>;
  const preview = previewOf(view, thread);
  return (
    <span class="row-preview" dir="auto">
      {preview ? previewText(preview, view, me) : (view.visitor && pageName(view.visitor)) || '…'}
    </span>
  );
}

function Page({ view }: Pick<RowProps, 'view'>) {
  const page = view.visitor && pageName(view.visitor);
  if (!page) return null;
  return (
    <span class="row-page" dir="auto">
      {page}
    </span>
  );
}

function Unread({ count }: { readonly count: number }) {
  return (
    <span class="unread">
      <span aria-hidden="true">{count > 99 ? '99+' : count}</span>
      <span class="unseen">{say('unreadCount', { count })}</span>
    </span>
  );
}
