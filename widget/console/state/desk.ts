// Everything that an agent's console shows, as one value, and what each happening makes of it. Pure.

import type { Line } from '../../client/connection.ts';
import type { Draft, Refusal } from '../../client/drafts.ts';
import {
  type ConversationView,
  type FrameOf,
  type Id,
  type Person,
  type ServerFrame,
  State,
} from '../../client/frames.ts';
import type { SessionAction } from '../../client/session.ts';
import { emptyThread, expireTyping, reduceThread, type Thread } from '../../client/thread.ts';
import { EMPTY_SCREEN, reduceScreen, type Screen, type ScreenAction } from './screen.ts';

export interface Colleague {
  readonly person: Person;
  readonly isOnline: boolean;
}

export interface Desk {
  readonly line: Line;
  /** Since when there has been no open connection; null while there is one. */
  readonly awaySince: number | null;
  readonly me: Person | null;
  readonly workspace: string;
  /** The server's clock minus this one's, in ms: waiting times must not depend on this computer's clock. */
  readonly clockOffset: number;
  readonly hasQueue: boolean;
  readonly conversations: ReadonlyMap<Id, ConversationView>;
  /** The conversations that are followed message by message: mine, and the one on the screen. */
  readonly threads: ReadonlyMap<Id, Thread>;
  readonly colleagues: ReadonlyMap<Id, Colleague>;
  readonly drafts: readonly Draft[];
  readonly screen: Screen;
}

export type DeskAction =
  | SessionAction
  | { readonly is: 'followed'; readonly id: Id }
  /** No longer followed; what was held of it would grow stale. */
  | { readonly is: 'forgotten'; readonly id: Id }
  /** My own availability shows at once, before the server repeats it to everyone. */
  | { readonly is: 'available'; readonly available: boolean }
  | ScreenAction;

export function newDesk(now: number): Desk {
  return {
    line: { phase: 'resting' },
    awaySince: now,
    me: null,
    workspace: '',
    clockOffset: 0,
    hasQueue: false,
    conversations: new Map(),
    threads: new Map(),
    colleagues: new Map(),
    drafts: [],
    screen: EMPTY_SCREEN,
  };
}

export function reduceDesk(desk: Desk, action: DeskAction): Desk {
  switch (action.is) {
    case 'frame':
      return withFrame(desk, action.frame, action.now);
    case 'line':
      return withLine(desk, action.line, action.now);
    case 'drafts':
      return { ...desk, drafts: action.drafts };
    case 'tick':
      return eachThread(desk, (thread) => expireTyping(thread, action.now));
    case 'followed':
      return withThread(desk, action.id, desk.threads.get(action.id) ?? emptyThread(action.id));
    case 'forgotten':
      return without(desk, action.id);
    case 'refused':
      return withScreen(withoutUnknown(desk, action.id, action.refusal), reduceScreen(desk.screen, action));
    case 'available':
      return desk.me ? { ...desk, me: { ...desk.me, available: action.available } } : desk;
    default:
      return withScreen(desk, reduceScreen(desk.screen, action));
  }
}

function withFrame(desk: Desk, frame: ServerFrame, now: number): Desk {
  switch (frame.type) {
    case 'WelcomeAgent':
      return { ...desk, me: frame.me, workspace: frame.workspace, clockOffset: frame.now - now };
    case 'Queue':
      return withQueue(desk, frame);
    case 'Presence':
      return withColleague(desk, { person: frame.person, isOnline: frame.online });
    case 'Snapshot':
      return withSnapshot(withView(desk, frame.conversation), frame, now);
    case 'ConversationChanged':
      return intoThreads(withView(desk, frame.conversation), frame, now);
    default:
      return intoThreads(desk, frame, now);
  }
}

function withLine(desk: Desk, line: Line, now: number): Desk {
  return { ...desk, line, awaySince: line.phase === 'open' ? null : (desk.awaySince ?? now) };
}

function withQueue(desk: Desk, queue: FrameOf<'Queue'>): Desk {
  const open = desk.conversations.get(desk.screen.openId ?? '');
  // What is open stays on the screen though it ended too long ago for the list.
  const views = [...(open ? [open] : []), ...queue.conversations, ...queue.ended];
  return {
    ...desk,
    hasQueue: true,
    conversations: new Map(views.map((view) => [view.conversation, view])),
    colleagues: new Map(queue.people.map((person) => [person.account, { person, isOnline: true }])),
  };
}

/** An older revision is ignored; of two views of one revision the one that saw more messages counts. */
function withView(desk: Desk, view: ConversationView): Desk {
  const held = desk.conversations.get(view.conversation);
  const isOlder =
    held !== undefined &&
    (view.revision < held.revision || (view.revision === held.revision && view.top < held.top));
  if (isOlder || view.state === State.NEW) return desk;
  return { ...desk, conversations: new Map(desk.conversations).set(view.conversation, view) };
}

function withColleague(desk: Desk, colleague: Colleague): Desk {
  const { person } = colleague;
  const colleagues = new Map(desk.colleagues).set(person.account, colleague);
  return { ...desk, colleagues, me: desk.me?.account === person.account ? person : desk.me };
}

function withSnapshot(desk: Desk, frame: FrameOf<'Snapshot'>, now: number): Desk {
  const id = frame.conversation.conversation;
  const shown = withScreen(desk, reduceScreen(desk.screen, { is: 'tried again', id }));
  return withThread(shown, id, reduceThread(shown.threads.get(id) ?? emptyThread(id), frame, now));
}

function intoThreads(desk: Desk, frame: ServerFrame, now: number): Desk {
  return eachThread(desk, (thread) => reduceThread(thread, frame, now));
}

function eachThread(desk: Desk, change: (thread: Thread) => Thread): Desk {
  return [...desk.threads].reduce((next, [id, thread]) => withThread(next, id, change(thread)), desk);
}

function withThread(desk: Desk, id: Id, thread: Thread): Desk {
  if (desk.threads.get(id) === thread) return desk;
  return { ...desk, threads: new Map(desk.threads).set(id, thread) };
}

function without(desk: Desk, id: Id): Desk {
  if (!desk.threads.has(id)) return desk;
  return { ...desk, threads: new Map([...desk.threads].filter(([held]) => held !== id)) };
}

/** The catalogue's refusal for what does not exist, or belongs to another workspace. */
export const UNKNOWN = 121;

/** What the server says does not exist must not stay on the screen: it may have been erased. */
function withoutUnknown(desk: Desk, id: Id, { code }: Refusal): Desk {
  if (code !== UNKNOWN) return desk;
  const conversations = new Map([...desk.conversations].filter(([held]) => held !== id));
  return { ...without(desk, id), conversations };
}

function withScreen(desk: Desk, screen: Screen): Desk {
  return screen === desk.screen ? desk : { ...desk, screen };
}
