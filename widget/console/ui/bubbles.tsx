// What was said, and how far it got.

import type { Draft } from '../../client/drafts.ts';
import { type ConversationView, Kind, type MessageView, Role } from '../../client/frames.ts';
import { type Reached, reachedBy, type Thread } from '../../client/thread.ts';
import type { Item } from '../state/timeline.ts';
import { happening } from '../words/happening.ts';
import { nameOf } from '../words/names.ts';
import { refusalText } from '../words/refusals.ts';
import { say } from '../words/say.ts';
import { dateAndTime, timeOfDay } from '../words/time.ts';
import { Icon } from './icons.tsx';
import { useDesk, useSession } from './session.ts';
import { Words } from './words.tsx';

type GroupItem = Extract<Item, { is: 'group' }>;

export function Group({ group, view }: { readonly group: GroupItem; readonly view: ConversationView }) {
  const people = useDesk((desk) => desk.threads.get(view.conversation)?.people);
  const last = group.messages.at(-1);
  const colleague = people?.[group.author ?? '']?.name ?? say('aColleague');
  const author = group.side === 'visitor' ? nameOf(view) : group.side === 'me' ? say('you') : colleague;
  return (
    <li class="group" data-side={group.side}>
      <p class={group.side === 'colleague' ? 'group-author' : 'unseen'} dir="auto">
        {author}
      </p>
      {group.messages.map((message) => (
        <p key={message.seq} class="bubble" dir="auto" title={dateAndTime(message.at)}>
          <Words text={message.body} />
        </p>
      ))}
      {last && (
        <p class="group-foot">
          <time dateTime={new Date(last.at).toISOString()}>{timeOfDay(last.at)}</time>
          {group.side !== 'visitor' && <Reach message={last} view={view} />}
        </p>
      )}
    </li>
  );
}

/** Said in words, since a tick more or less tells nobody anything. */
function Reach({ message, view }: { readonly message: MessageView; readonly view: ConversationView }) {
  const marks = useDesk((desk) => desk.threads.get(view.conversation)?.marks);
  const messages = useDesk((desk) => desk.threads.get(view.conversation)?.messages);
  const reached: Reached = marks ? reachedBy(message, marks) : 'sent';
  // What comes before a message that was read was read as well: saying it once is enough.
  const isSaidBelow = messages?.some((later) => later.seq > message.seq && isRead(later, marks)) === true;
  if (reached === 'read' && isSaidBelow) return null;
  return (
    <span class="reach" data-is={reached}>
      <Icon name={reached === 'sent' ? 'check' : 'checks'} size={14} />
      {say(reached)}
    </span>
  );
}

function isRead(message: MessageView, marks: Thread['marks'] | undefined): boolean {
  const isAnswer = message.role === Role.AGENT && message.kind === Kind.TEXT;
  return isAnswer && marks !== undefined && reachedBy(message, marks) === 'read';
}

export function Happened({ message }: { readonly message: MessageView }) {
  const me = useDesk((desk) => desk.me?.account);
  const isAltered = message.kind === Kind.UNREADABLE;
  return (
    <li class="happened" data-altered={isAltered}>
      <p>
        {isAltered && <Icon name="warn" size={14} />}
        <span dir="auto">{happening(message, me)}</span>
        <time dateTime={new Date(message.at).toISOString()}>{timeOfDay(message.at)}</time>
      </p>
      {isAltered && <p>{say('unreadableAdvice')}</p>}
    </li>
  );
}

/** My messages that are not in the record yet: on their way, kept for later, or to be edited. */
export function Drafts({ drafts }: { readonly drafts: readonly Draft[] }) {
  return (
    <li class="group" data-side="me" data-drafts="true">
      <p class="unseen">{say('you')}</p>
      {drafts.map((draft) => (
        <DraftBubble key={draft.clientId} draft={draft} />
      ))}
    </li>
  );
}

function DraftBubble({ draft }: { readonly draft: Draft }) {
  const isOpen = useDesk((desk) => desk.line.phase === 'open');
  const { status } = draft;
  if (status.is === 'refused') return <Refused draft={draft} reason={refusalText(status.refusal)} />;
  const isKept = status.is === 'held' || (status.is === 'waiting' && !isOpen);
  return (
    <>
      <p class="bubble" data-pending="true" dir="auto">
        {draft.text}
      </p>
      <p class="group-foot">
        <span class="reach">
          <Icon name={status.is === 'accepted' ? 'check' : 'clock'} size={14} />
          {say(status.is === 'accepted' ? 'sent' : isKept ? 'kept' : 'sending')}
        </span>
      </p>
    </>
  );
}

function Refused({ draft, reason }: { readonly draft: Draft; readonly reason: string }) {
  const session = useSession();
  const edit = () => {
    const taken = session.takeBack(draft.clientId);
    if (taken) session.compose(taken.conversation, taken.text);
  };
  return (
    <>
      <p class="bubble" data-refused="true" dir="auto">
        {draft.text}
      </p>
      <p class="group-foot refused">
        <Icon name="warn" size={14} />
        <span>
          {say('notSent')}. {reason}
        </span>
        <button type="button" class="link" onClick={edit}>
          {say('editAgain')}
        </button>
        <button type="button" class="link" onClick={() => session.takeBack(draft.clientId)}>
          {say('discard')}
        </button>
      </p>
    </>
  );
}
