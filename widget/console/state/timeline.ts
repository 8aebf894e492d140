// A conversation as it is drawn: days, groups of messages, and what happened between them. Pure.

import type { Draft, Refusal } from '../../client/drafts.ts';
import { type Id, Kind, type MessageView, Role } from '../../client/frames.ts';

export type Side = 'visitor' | 'me' | 'colleague';

export type Item =
  | { readonly is: 'day'; readonly key: string; readonly at: number }
  | { readonly is: 'new'; readonly key: string }
  | { readonly is: 'happened'; readonly key: string; readonly message: MessageView }
  | {
      readonly is: 'group';
      readonly key: string;
      readonly side: Side;
      readonly author: Id | null;
      readonly messages: readonly MessageView[];
    }
  | { readonly is: 'drafts'; readonly key: string; readonly drafts: readonly Draft[] }
  /** What can never be sent here, all that one reason holds for. */
  | {
      readonly is: 'unsent';
      readonly key: string;
      readonly refusal: Refusal;
      readonly drafts: readonly Draft[];
    };

export interface TimelineOptions {
  readonly me: Id | undefined;
  /** The line "New" stands before the first visitor's text after this number; null for no line. */
  readonly newAfter: number | null;
  isSameDay(a: number, b: number): boolean;
}

/** Texts of one author this close together read as one turn. */
const GROUP_MS = 5 * 60_000;

export function timeline(
  messages: readonly MessageView[],
  drafts: readonly Draft[],
  options: TimelineOptions,
): readonly Item[] {
  const items: Item[] = [];
  let last: MessageView | null = null;
  let isMarked = options.newAfter === null;
  for (const message of messages) {
    if (message.kind === Kind.VOID) continue;
    if (!last || !options.isSameDay(last.at, message.at)) items.push(dayOf(message));
    if (!isMarked && isNews(message, options.newAfter ?? 0)) {
      items.push({ is: 'new', key: 'new' });
      isMarked = true;
    }
    add(items, message, last, options.me);
    last = message;
  }
  return [...items, ...unsent(drafts), ...sendable(drafts)];
}

/** A refusal that no editing and no waiting helps against. */
function finalRefusal({ status }: Draft): Refusal | null {
  return status.is === 'refused' && status.refusal.then !== 'edit' ? status.refusal : null;
}

function unsent(drafts: readonly Draft[]): readonly Item[] {
  const codes = new Map<number, Extract<Item, { is: 'unsent' }>>();
  for (const draft of drafts) {
    const refusal = finalRefusal(draft);
    if (!refusal) continue;
    const { code } = refusal;
    const others = codes.get(code)?.drafts ?? [];
    codes.set(code, { is: 'unsent', key: `unsent-${code}`, refusal, drafts: [...others, draft] });
  }
  return [...codes.values()];
}

function sendable(drafts: readonly Draft[]): readonly Item[] {
  const rest = drafts.filter((draft) => !finalRefusal(draft));
  return rest.length > 0 ? [{ is: 'drafts', key: 'drafts', drafts: rest }] : [];
}

const dayOf = ({ seq, at }: MessageView): Item => ({ is: 'day', key: `day-${seq}`, at });

function isNews({ seq, kind, role }: MessageView, after: number): boolean {
  return seq > after && kind === Kind.TEXT && role === Role.VISITOR;
}

function add(items: Item[], message: MessageView, last: MessageView | null, me: Id | undefined): void {
  const key = `m-${message.seq}`;
  if (message.kind !== Kind.TEXT) {
    items.push({ is: 'happened', key, message });
    return;
  }
  const group = items.at(-1);
  if (group?.is === 'group' && last && group.author === message.author && message.at - last.at < GROUP_MS) {
    items[items.length - 1] = { ...group, messages: [...group.messages, message] };
    return;
  }
  items.push({ is: 'group', key, side: sideOf(message, me), author: message.author, messages: [message] });
}

function sideOf({ role, author }: MessageView, me: Id | undefined): Side {
  if (role === Role.VISITOR) return 'visitor';
  return author === me ? 'me' : 'colleague';
}
