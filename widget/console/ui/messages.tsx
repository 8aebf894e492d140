// The messages of the open conversation, newest at the bottom.

import { useEffect, useMemo, useRef } from 'preact/hooks';
import { type ConversationView, Role } from '../../client/frames.ts';
import type { Thread } from '../../client/thread.ts';
import { type ListName, unreadOf } from '../state/lists.ts';
import { type Item, timeline } from '../state/timeline.ts';
import { nameOf } from '../words/names.ts';
import { say } from '../words/say.ts';
import { dayOf, isSameDay } from '../words/time.ts';
import { Drafts, Group, Happened } from './bubbles.tsx';
import { Fetching } from './fetching.tsx';
import { Icon } from './icons.tsx';
import { useDesk, useSession } from './session.ts';
import { Unsent } from './unsent.tsx';
import { useScroll } from './useScroll.ts';

interface MessagesProps {
  readonly view: ConversationView;
  readonly list: ListName;
}

export function Messages({ view, list }: MessagesProps) {
  const session = useSession();
  const id = view.conversation;
  const thread = useDesk((desk) => desk.threads.get(id));
  const drafts = useDesk((desk) => desk.drafts);
  const me = useDesk((desk) => desk.me?.account);
  const asksOlder = useDesk((desk) => desk.screen.asksOlder.has(id));
  const messages = thread?.messages ?? [];
  const newAfter = useNewLine(list, thread);
  const items = useMemo(() => {
    const mine = drafts.filter((draft) => draft.conversation === id && !isShown(messages, draft.clientId));
    return timeline(messages, mine, { me, newAfter, isSameDay });
  }, [messages, drafts, id, me, newAfter]);
  const isTyping = thread?.typing.some(({ role }) => role === Role.VISITOR) === true;
  const scroll = useScroll({ items, isTyping, onTop: () => void session.older(id) });
  useLooking(scroll.isAtEnd, list);

  return (
    <div class="messages-frame">
      <section ref={scroll.box} class="messages" aria-label={say('messages')} onScroll={scroll.onScroll}>
        <div class="messages-column">
          {thread?.more ? (
            <button type="button" class="older" disabled={asksOlder} onClick={() => void session.older(id)}>
              {say(asksOlder ? 'loadingOlder' : 'showOlder')}
            </button>
          ) : (
            messages.length > 0 && <p class="beginning">{say('beginning')}</p>
          )}
          {messages.length === 0 && <Fetching id={id} />}
          <ol class="timeline">
            {items.map((item) => (
              <Entry key={item.key} item={item} view={view} />
            ))}
          </ol>
          {isTyping && <VisitorTyping name={nameOf(view)} />}
        </div>
      </section>
      {!scroll.isAtEnd && (
        <button type="button" class="to-latest" data-news={scroll.news > 0} onClick={scroll.toEnd}>
          <Icon name="down" size={14} />
          {scroll.news > 0 ? say('newMessages', { count: scroll.news }) : say('toLatest')}
        </button>
      )}
    </div>
  );
}

function isShown(messages: readonly { readonly clientId: string }[], clientId: string): boolean {
  return messages.some((message) => message.clientId === clientId);
}

/**
 * Where the line "New" stands: what was unread when the conversation was opened stays marked while it is open. What
 * comes later is seen as it comes.
 */
function useNewLine(list: ListName, thread: Thread | undefined): number | null {
  const line = useRef<number | null | undefined>(undefined);
  if (line.current === undefined && list === 'yours' && thread && thread.messages.length > 0) {
    line.current = unreadOf(thread) > 0 ? thread.marks[Role.AGENT].read : null;
  }
  return line.current ?? null;
}

/** Somebody has read what is on the screen of a window in front, at its end. */
function useLooking(isAtEnd: boolean, list: ListName): void {
  const session = useSession();
  useEffect(() => {
    const look = () =>
      session.reading.look(isAtEnd && document.visibilityState === 'visible' && document.hasFocus());
    look();
    window.addEventListener('focus', look);
    window.addEventListener('blur', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      window.removeEventListener('focus', look);
      window.removeEventListener('blur', look);
      document.removeEventListener('visibilitychange', look);
      session.reading.look(false);
    };
    // A claim makes the list another one: what is on the screen counts as read from then on.
  }, [session, isAtEnd, list]);
}

function Entry({ item, view }: { readonly item: Item; readonly view: ConversationView }) {
  switch (item.is) {
    case 'day':
      return (
        <li class="day">
          <span>{dayOf(item.at, Date.now())}</span>
        </li>
      );
    case 'new':
      return (
        <li class="new-line">
          <span>{say('unreadLine')}</span>
        </li>
      );
    case 'happened':
      return <Happened message={item.message} />;
    case 'group':
      return <Group group={item} view={view} />;
    case 'drafts':
      return <Drafts drafts={item.drafts} />;
    case 'unsent':
      return <Unsent drafts={item.drafts} refusal={item.refusal} />;
  }
}

function VisitorTyping({ name }: { readonly name: string }) {
  return (
    <p class="visitor-typing">
      <span class="typing-dots" aria-hidden="true">
        <span />
        <span />
        <span />
      </span>
      <span class="unseen">{say('visitorTyping', { name })}</span>
    </p>
  );
}
