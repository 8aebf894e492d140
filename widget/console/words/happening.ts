// What happened in a conversation besides texts, and what lists show of its latest message.

import { type ConversationView, Kind, type MessageView, Role } from '../../client/frames.ts';
import { say } from './say.ts';

/** One line for a message that is not a text. Empty for a number that nobody used. */
export function happening({ kind, author, body }: MessageView, me: string | undefined): string {
  switch (kind) {
    case Kind.JOINED:
      return author === me ? say('youJoined') : say('joined', { name: body || say('aColleague') });
    case Kind.ENDED:
      return say('ended');
    case Kind.UNREADABLE:
      return say('unreadable');
    default:
      return '';
  }
}

/** More than fits the widest row. */
const PREVIEW_CHARACTERS = 120;

/** The latest message in a line: what happened, or whose words they are, where they are not the visitor's. */
export function previewText(message: MessageView, view: ConversationView, me: string | undefined): string {
  if (message.kind !== Kind.TEXT) return happening(message, me);
  const text = message.body.replace(/\s+/gu, ' ').slice(0, PREVIEW_CHARACTERS);
  if (message.role === Role.VISITOR) return text;
  if (message.author === me) return say('youSaid', { text });
  return say('someoneSaid', { name: view.agent?.name ?? say('aColleague'), text });
}
