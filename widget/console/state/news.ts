// Which frames bring something that an agent should look up for.

import { type ConversationView, Kind, Role, type ServerFrame, State } from '../../client/frames.ts';
import type { Desk } from './desk.ts';
import { listOf } from './lists.ts';
import type { News } from './screen.ts';

/** `before` is the desk that the frame has not changed yet. */
export function newsOf(before: Desk, frame: ServerFrame): News | null {
  if (frame.type === 'ConversationChanged') return newInQueue(before, frame.conversation);
  if (frame.type !== 'Message') return null;
  const { message } = frame;
  const view = before.conversations.get(frame.conversation);
  const isMine = view !== undefined && listOf(view, before.me?.account) === 'yours';
  const isText = message.kind === Kind.TEXT && message.role === Role.VISITOR;
  const held = before.threads.get(frame.conversation)?.messages.at(-1)?.seq ?? 0;
  return isMine && isText && message.seq > held ? { is: 'message', view, message } : null;
}

function newInQueue(before: Desk, view: ConversationView): News | null {
  const isNew = view.state === State.WAITING && !before.conversations.has(view.conversation);
  return isNew ? { is: 'waiting', view } : null;
}
