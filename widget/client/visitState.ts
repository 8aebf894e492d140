// Everything that a visitor's panel shows, and how frames change it. Pure.

import type { Line } from './connection.ts';
import type { Draft } from './drafts.ts';
import { type Id, Kind, Role, type ServerFrame, type SiteView, State, type Welcome } from './frames.ts';
import type { SessionAction } from './session.ts';
import { emptyThread, expireTyping, positionOf, reduceThread, type Thread } from './thread.ts';

export interface Visit {
  readonly line: Line;
  /** Since when there has been no connection that answers; null while there is one. */
  readonly awaySince: number | null;
  /** Null until the first Welcome. */
  readonly site: SiteView | null;
  readonly visitor: Id | null;
  /** Somebody is there to answer. */
  readonly attended: boolean;
  /** Null until the first Welcome. An ended one stays in view until the visitor starts another. */
  readonly thread: Thread | null;
  /** The conversation after an ended one, once the server named it. */
  readonly successor: Id | null;
  readonly drafts: readonly Draft[];
}

export type VisitAction =
  | SessionAction
  /** The visitor leaves the ended conversation for its successor. */
  | { readonly is: 'moved on' };

export function newVisit(drafts: readonly Draft[], now: number): Visit {
  return {
    line: { phase: 'resting' },
    awaySince: now,
    site: null,
    visitor: null,
    attended: false,
    thread: null,
    successor: null,
    drafts,
  };
}

export function reduceVisit(visit: Visit, action: VisitAction): Visit {
  switch (action.is) {
    case 'line':
      return { ...visit, line: action.line, awaySince: awaySince(visit, action.line, action.now) };
    case 'frame':
      return withFrame(visit, action.frame, action.now);
    case 'drafts':
      return { ...visit, drafts: action.drafts };
    case 'tick':
      return withThread(visit, visit.thread && expireTyping(visit.thread, action.now));
    case 'moved on':
      return visit.successor
        ? { ...visit, thread: emptyThread(visit.successor), successor: null }
        : { ...visit, thread: null };
  }
}

/** Texts of agents that the visitor has not read. */
export function unreadOf({ thread }: Visit): number {
  if (!thread) return 0;
  const { read } = thread.marks[Role.VISITOR];
  const isUnread = ({ seq, kind, role }: Thread['messages'][number]) =>
    seq > read && kind === Kind.TEXT && role === Role.AGENT;
  return thread.messages.filter(isUnread).length;
}

function awaySince(visit: Visit, line: Line, now: number): number | null {
  const isThere = line.phase === 'open' && !line.isDoubtful;
  return isThere ? null : (visit.awaySince ?? now);
}

function withThread(visit: Visit, thread: Thread | null): Visit {
  return thread === visit.thread ? visit : { ...visit, thread };
}

function withFrame(visit: Visit, frame: ServerFrame, now: number): Visit {
  if (frame.type === 'Welcome') return withWelcome(visit, frame);
  if (frame.type === 'Attendance') return { ...visit, attended: frame.attended };
  return withThread(visit, visit.thread && reduceThread(visit.thread, frame, now));
}

function withWelcome(visit: Visit, welcome: Welcome): Visit {
  const { site, visitor, attended, conversation, state } = welcome;
  const welcomed = { ...visit, site, visitor, attended };
  if (!visit.thread) return { ...welcomed, thread: emptyThread(conversation, state), successor: null };
  if (visit.thread.id === conversation) return { ...welcomed, successor: null };
  // Another conversation: begun in another tab, or the one that follows what just ended here.
  const stays = visit.thread.state === State.ENDED && state === State.NEW && positionOf(visit.thread) > 0;
  return stays
    ? { ...welcomed, successor: conversation }
    : { ...welcomed, thread: emptyThread(conversation, state), successor: null };
}
