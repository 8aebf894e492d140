// The conversation as rows to draw: days, groups of bubbles by one author, and what happened. Pure.

import type { Thread } from '../../client/index.ts';
import {
  type Draft,
  type DraftStatus,
  Kind,
  type MessageView,
  type Reached,
  Role,
  reachedBy,
} from '../../client/index.ts';

export type BubbleStatus = DraftStatus | { readonly is: Reached };

export interface Bubble {
  /** The client id: the same for a draft and for the message that replaces it, so nothing flickers. */
  readonly key: string;
  readonly text: string;
  readonly at: number;
  /** Null for what others wrote. */
  readonly status: BubbleStatus | null;
}

export type Row =
  | { readonly is: 'day'; readonly key: string; readonly at: number }
  | { readonly is: 'joined'; readonly key: string; readonly name: string; readonly at: number }
  | { readonly is: 'ended' | 'unreadable'; readonly key: string; readonly at: number }
  | {
      readonly is: 'group';
      readonly key: string;
      readonly mine: boolean;
      /** Empty if unknown. */
      readonly name: string;
      readonly bubbles: readonly Bubble[];
    };

type Group = Extract<Row, { is: 'group' }>;

/** The refusal "too_soon" (PROTOCOL.md): a first message right after the welcome goes by itself within 1.2 s. */
const TOO_SOON = 102;

/** A pause this long begins a new group. */
const GROUP_MS = 5 * 60_000;

/** `dayOf` tells days apart where the visitor is. */
export function rowsOf(
  thread: Thread | null,
  drafts: readonly Draft[],
  dayOf: (at: number) => string,
): readonly Row[] {
  const messages = thread?.messages ?? [];
  const stored = messages.flatMap((message) => rowOf(message, thread));
  const seen = new Set(messages.map(({ clientId }) => clientId));
  const pending = drafts.filter(({ clientId }) => !seen.has(clientId)).map(draftRow);
  return withDays(grouped([...stored, ...pending]), dayOf);
}

function rowOf(message: MessageView, thread: Thread | null): readonly Row[] {
  const { clientId: key, at, body, author } = message;
  const name = (author && thread?.people[author]?.name) || '';
  switch (message.kind) {
    case Kind.JOINED:
      return [{ is: 'joined', key, name: body || name, at }];
    case Kind.ENDED:
      return [{ is: 'ended', key, at }];
    case Kind.UNREADABLE:
      return [{ is: 'unreadable', key, at }];
    case Kind.VOID:
      return [];
    case Kind.TEXT: {
      const mine = message.role === Role.VISITOR;
      const status = mine && thread ? { is: reachedBy(message, thread.marks) } : null;
      return [{ is: 'group', key, mine, name, bubbles: [{ key, text: body, at, status }] }];
    }
  }
}

function draftRow({ clientId: key, text, writtenAt, status: known }: Draft): Row {
  const status = isAMoment(known) ? ({ is: 'sending' } as const) : known;
  const at = status.is === 'accepted' ? status.at : writtenAt;
  return { is: 'group', key, mine: true, name: '', bubbles: [{ key, text, at, status }] };
}

/** Who writes quickly did nothing wrong, and a second's wait is not worth a word. */
function isAMoment(status: DraftStatus): boolean {
  return status.is === 'held' && status.refusal.code === TOO_SOON;
}

function grouped(rows: readonly Row[]): readonly Row[] {
  const out: Row[] = [];
  for (const row of rows) {
    const before = out.at(-1);
    if (row.is === 'group' && before?.is === 'group' && continues(before, row)) {
      out[out.length - 1] = { ...before, bubbles: [...before.bubbles, ...row.bubbles] };
    } else {
      out.push(row);
    }
  }
  return out;
}

function continues(before: Group, row: Group): boolean {
  const last = before.bubbles.at(-1);
  const next = row.bubbles[0];
  const sameAuthor = before.mine === row.mine && before.name === row.name;
  if (!sameAuthor || !last || !next) return false;
  // What was refused, for now or for good, ends its group: the explanation stands right below it.
  const explained = last.status?.is === 'refused' || last.status?.is === 'held';
  return !explained && next.at - last.at < GROUP_MS;
}

function atOf(row: Row): number {
  return row.is === 'group' ? (row.bubbles[0]?.at ?? 0) : row.at;
}

function withDays(rows: readonly Row[], dayOf: (at: number) => string): readonly Row[] {
  let day = '';
  return rows.flatMap((row) => {
    const at = atOf(row);
    if (dayOf(at) === day) return [row];
    day = dayOf(at);
    return [{ is: 'day', key: `day ${day}`, at } as const, row];
  });
}
