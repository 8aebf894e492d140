// The four lists of the sidebar, derived from the desk.

import { type ConversationView, type Id, Kind, type MessageView, Role, State } from '../../client/frames.ts';
import type { Thread } from '../../client/thread.ts';
import type { Desk } from './desk.ts';

export type ListName = 'waiting' | 'yours' | 'theirs' | 'ended';

export type Lists = Readonly<Record<ListName, readonly ConversationView[]>>;

export function listOf(view: ConversationView, me: Id | undefined): ListName | null {
  if (view.state === State.WAITING) return 'waiting';
  if (view.state === State.ENDED) return 'ended';
  if (view.state === State.ACTIVE) return me && view.agent?.account === me ? 'yours' : 'theirs';
  return null;
}

/**
 * Who waits longest stands first. The others stand by when they were taken or ended: rows that keep their place while
 * messages come in can be found again without reading.
 */
const ORDER: Record<ListName, (a: ConversationView, b: ConversationView) => number> = {
  waiting: (a, b) => a.openedAt - b.openedAt,
  yours: (a, b) => (b.claimedAt ?? 0) - (a.claimedAt ?? 0),
  theirs: (a, b) => (b.claimedAt ?? 0) - (a.claimedAt ?? 0),
  ended: (a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0),
};

const inOrder = (name: ListName) => (a: ConversationView, b: ConversationView) =>
  ORDER[name](a, b) || a.conversation.localeCompare(b.conversation);

export function listsOf(conversations: Desk['conversations'], me: Id | undefined): Lists {
  const lists: Record<ListName, ConversationView[]> = { waiting: [], yours: [], theirs: [], ended: [] };
  for (const view of conversations.values()) {
    const name = listOf(view, me);
    if (name) lists[name].push(view);
  }
  for (const name of Object.keys(lists) as ListName[]) {
    lists[name].sort(inOrder(name));
  }
  return lists;
}

/** What was said last: a followed conversation may know more than its last announcement. Who joined is no preview. */
export function previewOf(view: ConversationView, thread: Thread | undefined): MessageView | null {
  const latest = thread?.messages.findLast(isSaid);
  return latest && latest.seq >= (view.preview?.seq ?? 0) ? latest : view.preview;
}

const isSaid = ({ kind }: MessageView): boolean => kind === Kind.TEXT || kind === Kind.UNREADABLE;

/** The visitor's texts that no agent has read. */
export function unreadOf(thread: Thread | undefined): number {
  if (!thread) return 0;
  const { read } = thread.marks[Role.AGENT];
  return thread.messages.filter((m) => m.seq > read && m.kind === Kind.TEXT && m.role === Role.VISITOR)
    .length;
}

/** What waits for me: visitors in the queue, and unread texts of mine. It stands in the window's title. */
export function attentionOf(desk: Desk): number {
  const lists = listsOf(desk.conversations, desk.me?.account);
  const unread = lists.yours.map((view) => unreadOf(desk.threads.get(view.conversation)));
  return lists.waiting.length + unread.reduce((sum, count) => sum + count, 0);
}

/** One connection follows at most so many (PROTOCOL.md). */
const FOLLOWED = 64;

/** What has to be followed, the most wanted first: what is open on the screen, then what is mine, in the list's order. */
export function toFollow(desk: Desk, openId: Id | null): ReadonlySet<Id> {
  const mine = [...desk.conversations.values()].filter((view) => listOf(view, desk.me?.account) === 'yours');
  const ids = mine.sort(inOrder('yours')).map((view) => view.conversation);
  return new Set([...(openId ? [openId] : []), ...ids].slice(0, FOLLOWED));
}
