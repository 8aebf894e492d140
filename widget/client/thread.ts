// One conversation as its frames tell it. Pure: a snapshot and the frames after it give what a fresh snapshot gives.

import {
  type ConversationView,
  type FrameOf,
  type Id,
  Kind,
  type MarkView,
  type MessageView,
  type Person,
  Role,
  type ServerFrame,
  type Snapshot,
  State,
} from './frames.ts';

/** Typing counts for so long without another frame (PROTOCOL.md). */
export const TYPING_MS = 6_000;

export interface Typist {
  readonly role: Role;
  readonly author: Id;
  /** When to forget it, in the client's own time. */
  readonly until: number;
}

export interface Reach {
  readonly received: number;
  readonly read: number;
}

export interface Thread {
  readonly id: Id;
  /** As the last snapshot or change said; null until one came. `state` and `agent` below are kept up to date. */
  readonly conversation: ConversationView | null;
  readonly state: State;
  readonly agent: Person | null;
  /** Who wrote or joined, by account. */
  readonly people: Readonly<Record<Id, Person>>;
  /** In order and without holes; possibly not from the first on, see `more`. */
  readonly messages: readonly MessageView[];
  /** How far each side got, by Role. */
  readonly marks: Readonly<Record<Role, Reach>>;
  readonly typing: readonly Typist[];
  /** Older messages exist: ask for `History`. */
  readonly more: boolean;
  /** A number is missing: ask again with `position`. */
  readonly behind: boolean;
}

const NOTHING: Reach = { received: 0, read: 0 };

export function emptyThread(id: Id, state: State = State.NEW): Thread {
  return {
    id,
    conversation: null,
    state,
    agent: null,
    people: {},
    messages: [],
    marks: { 0: NOTHING, 1: NOTHING, 2: NOTHING },
    typing: [],
    more: false,
    behind: false,
  };
}

/** The highest number held; what to ask from. */
export function positionOf(thread: Thread): number {
  return thread.messages.at(-1)?.seq ?? 0;
}

/** What `frame` makes of `thread`. Frames of other conversations change nothing. */
export function reduceThread(thread: Thread, frame: ServerFrame, now: number): Thread {
  switch (frame.type) {
    case 'Snapshot':
      return frame.conversation.conversation === thread.id ? withSnapshot(thread, frame) : thread;
    case 'Message':
      return frame.conversation === thread.id ? withMessage(thread, frame.message) : thread;
    case 'Marks':
      return frame.conversation === thread.id ? withMark(thread, frame.mark) : thread;
    case 'TypingNow':
      return frame.conversation === thread.id ? withTyping(thread, frame, now) : thread;
    case 'ConversationChanged':
      return frame.conversation.conversation === thread.id ? withView(thread, frame.conversation) : thread;
    default:
      return thread;
  }
}

/** Forgets typing that has not been heard of for too long. */
export function expireTyping(thread: Thread, now: number): Thread {
  const typing = thread.typing.filter(({ until }) => until > now);
  return typing.length === thread.typing.length ? thread : { ...thread, typing };
}

/** How far a message got, seen from its author's side. */
export type Reached = 'sent' | 'delivered' | 'read';

/** How far `message` got with the other side. */
export function reachedBy(message: MessageView, marks: Thread['marks']): Reached {
  const other = marks[message.role === Role.VISITOR ? Role.AGENT : Role.VISITOR];
  if (other.read >= message.seq) return 'read';
  return other.received >= message.seq ? 'delivered' : 'sent';
}

function withSnapshot(thread: Thread, snapshot: Snapshot): Thread {
  const known = { ...thread, people: named(thread.people, snapshot.people) };
  if (isOlderPage(thread, snapshot)) {
    return { ...known, messages: [...snapshot.messages, ...thread.messages], more: snapshot.more };
  }
  const [first] = snapshot.messages;
  const follows = !first || first.seq <= positionOf(thread) + 1;
  const kept = snapshot.recovered && follows ? known : { ...known, messages: [], more: snapshot.more };
  const current = { ...withView(kept, snapshot.conversation), behind: false };
  const told = snapshot.messages.reduce(append, current);
  return snapshot.marks.reduce(withMark, told);
}

/** A page of history ends before what is held; a snapshot that replaces it does not. */
function isOlderPage(thread: Thread, { messages, recovered }: Snapshot): boolean {
  const last = messages.at(-1);
  const first = thread.messages[0];
  return !recovered && first !== undefined && last !== undefined && last.seq < first.seq;
}

function withMessage(thread: Thread, message: MessageView): Thread {
  if (message.seq <= positionOf(thread)) return thread;
  if (message.seq > positionOf(thread) + 1) return { ...thread, behind: true };
  return append(thread, message);
}

/** Adds a message that comes next, and what it says about the conversation. */
function append(thread: Thread, message: MessageView): Thread {
  const held = thread.messages.length > 0;
  if (held && message.seq <= positionOf(thread)) return thread;
  const typing = thread.typing.filter(({ author }) => author !== message.author);
  return happened({ ...thread, messages: [...thread.messages, message], typing }, message);
}

function happened(thread: Thread, { kind, author, body }: MessageView): Thread {
  switch (kind) {
    case Kind.JOINED:
      return author ? joined(thread, author, body) : thread;
    case Kind.ENDED:
      return { ...thread, state: State.ENDED, typing: [] };
    case Kind.TEXT:
      return thread.state === State.NEW ? { ...thread, state: State.WAITING } : thread;
    case Kind.VOID:
    case Kind.UNREADABLE:
      return thread;
  }
}

function joined(thread: Thread, account: Id, name: string): Thread {
  const agent = thread.people[account] ?? { account, name, role: '', available: true };
  const state = thread.state === State.ENDED ? State.ENDED : State.ACTIVE;
  return { ...thread, state, agent, people: named(thread.people, [agent]) };
}

function withView(thread: Thread, view: ConversationView): Thread {
  if (thread.conversation && thread.conversation.revision > view.revision) return thread;
  const people = view.agent ? named(thread.people, [view.agent]) : thread.people;
  return { ...thread, conversation: view, state: view.state, agent: view.agent, people };
}

function named(people: Thread['people'], more: readonly Person[]): Thread['people'] {
  return more.length === 0
    ? people
    : { ...people, ...Object.fromEntries(more.map((person) => [person.account, person])) };
}

function withMark(thread: Thread, { role, received, read }: MarkView): Thread {
  const before = thread.marks[role];
  const mark = { received: Math.max(before.received, received), read: Math.max(before.read, read) };
  if (mark.received === before.received && mark.read === before.read) return thread;
  return { ...thread, marks: { ...thread.marks, [role]: mark } };
}

function withTyping(thread: Thread, frame: FrameOf<'TypingNow'>, now: number): Thread {
  const others = thread.typing.filter(({ author }) => author !== frame.author);
  if (!frame.on) return others.length === thread.typing.length ? thread : { ...thread, typing: others };
  const { role, author } = frame;
  return { ...thread, typing: [...others, { role, author, until: now + TYPING_MS }] };
}
