// What somebody wrote. Texts only ever become text nodes.

import { piecesOf, type Refusal } from '../../client/index.ts';
import { Avatar } from './Avatar.tsx';
import { useNow } from './hooks.ts';
import { Check, Checks, Clock, Warning } from './icons.tsx';
import { timeOf } from './moments.ts';
import type { BubbleStatus, Bubble as Item, Row } from './rows.ts';
import { refusalText, words } from './words.ts';

export interface BubbleActions {
  readonly onEdit: (key: string) => void;
  readonly onRemove: (key: string) => void;
  readonly onSendAnew: (key: string) => void;
}

type GroupRow = Extract<Row, { is: 'group' }>;

interface GroupProps {
  readonly row: GroupRow;
  /** Whose name stands in the header already. */
  readonly known: string;
  readonly actions: BubbleActions;
}

export function Group({ row, known, actions }: GroupProps) {
  const { mine, name, bubbles } = row;
  const last = bubbles.at(-1);
  const author = mine ? words.you : name || words.someone;
  return (
    <li class={mine ? 'group mine' : 'group theirs'}>
      {!mine && <Avatar name={author} size="small" />}
      <div class="bubbles">
        {!mine && author !== known && (
          <span class="author" dir="auto" aria-hidden="true">
            {author}
          </span>
        )}
        {bubbles.map((bubble) => (
          <p key={bubble.key} class={`bubble ${bubble.status?.is ?? ''}`} dir="auto">
            <span class="aloud">{words.said(author)} </span>
            <Text text={bubble.text} />
          </p>
        ))}
        {last && <Foot bubble={last} actions={actions} />}
      </div>
    </li>
  );
}

export function Text({ text }: { readonly text: string }) {
  return (
    <>
      {piecesOf(text).map(({ text: piece, href }, i) =>
        href ? (
          <a key={i} href={href} target="_blank" rel="noopener noreferrer nofollow ugc">
            {piece}
          </a>
        ) : (
          piece
        ),
      )}
    </>
  );
}

function Foot({ bubble, actions }: { readonly bubble: Item; readonly actions: BubbleActions }) {
  const { status, at, key } = bubble;
  if (status?.is === 'refused') return <Refused refusal={status.refusal} id={key} actions={actions} />;
  if (status?.is === 'held') return <Held refusal={status.refusal} until={status.until} />;
  return (
    <span class="foot">
      <time dateTime={new Date(at).toISOString()}>{timeOf(at)}</time>
      {status && <Status status={status.is} />}
    </span>
  );
}

const ICONS = { waiting: Clock, sending: Clock, sent: Check, delivered: Checks, read: Checks } as const;

function Status({ status }: { readonly status: Exclude<BubbleStatus['is'], 'refused' | 'held'> }) {
  const shown = status === 'accepted' ? 'sent' : status;
  const Icon = ICONS[shown];
  return (
    <span class={`status ${shown}`}>
      <Icon />
      {words.status[shown]}
    </span>
  );
}

function Held({ refusal, until }: { readonly refusal: Refusal; readonly until: number }) {
  const seconds = Math.max(0, Math.ceil((until - useNow(1000)) / 1000));
  return (
    <span class="foot trouble">
      <Clock />
      <span>
        {refusalText(refusal)} <span class="count">{words.again(seconds)}</span>
      </span>
    </span>
  );
}

interface RefusedProps {
  readonly refusal: Refusal;
  readonly id: string;
  readonly actions: BubbleActions;
}

function Refused({ refusal, id, actions }: RefusedProps) {
  const { then } = refusal;
  return (
    <span class="foot trouble" role="alert">
      <Warning />
      <span>
        <b>{words.status.refused}.</b> {refusalText(refusal)}
        <span class="choices">
          {then === 'next' && <Choice text={words.sendAnew} onClick={() => actions.onSendAnew(id)} />}
          {then === 'edit' && <Choice text={words.edit} onClick={() => actions.onEdit(id)} />}
          <Choice text={words.remove} onClick={() => actions.onRemove(id)} />
        </span>
      </span>
    </span>
  );
}

function Choice({ text, onClick }: { readonly text: string; readonly onClick: () => void }) {
  return (
    <button type="button" class="choice" onClick={onClick}>
      {text}
    </button>
  );
}
