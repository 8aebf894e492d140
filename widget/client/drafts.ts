// Messages that are written but not yet seen back: their states, and their copy that survives a reload.

import type { Conduct, Id, Refused } from './frames.ts';
import type { Shelf } from './shelf.ts';

export interface Refusal {
  readonly code: number;
  readonly text: string;
  readonly then: string;
  readonly detail: string;
}

export type DraftStatus =
  /** For a connection, or for the one before it. */
  | { readonly is: 'waiting' }
  | { readonly is: 'sending' }
  /** In the record; its Message frame is on its way. */
  | { readonly is: 'accepted'; readonly seq: number; readonly at: number }
  /** Refused for now; sent again by itself at `until`. */
  | { readonly is: 'held'; readonly until: number; readonly refusal: Refusal }
  /** Refused; `refusal.then` says what the writer can do: edit, next or stop. */
  | { readonly is: 'refused'; readonly refusal: Refusal };

export interface Draft {
  readonly clientId: Id;
  readonly conversation: Id;
  readonly text: string;
  readonly conduct: Conduct;
  readonly writtenAt: number;
  readonly status: DraftStatus;
}

/** The catalogue's refusal of what is sent into an ended conversation, for what need not be sent to know it. */
export const ENDED: Refusal = {
  code: 120,
  text: 'This conversation has ended. You can start a new one.',
  then: 'next',
  detail: '',
};

export function refusalOf({ code, text, then, detail }: Refused): Refusal {
  return { code, text, then, detail };
}

/** What is kept over a reload: only what nobody else has yet. */
export function keepDrafts(shelf: Shelf, drafts: readonly Draft[]): void {
  const unaccepted = drafts.filter(({ status }) => status.is !== 'accepted');
  if (unaccepted.length === 0) shelf.clear();
  else shelf.set(JSON.stringify(unaccepted));
}

/** The drafts that a reload left behind. What cannot be read is dropped. */
export function keptDrafts(shelf: Shelf): readonly Draft[] {
  try {
    const kept: unknown = JSON.parse(shelf.get() ?? '[]');
    return Array.isArray(kept) ? kept.filter(isDraft).map(again) : [];
  } catch {
    return [];
  }
}

/** After a reload everything waits for the new connection, but for what the writer has to look at. */
function again(draft: Draft): Draft {
  return draft.status.is === 'refused' ? draft : { ...draft, status: { is: 'waiting' } };
}

/** The server hangs up on a client id that is no UUIDv7 (PROTOCOL.md), so a damaged one must not be sent. */
const CLIENT_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const isLike = (form: RegExp, value: unknown): boolean => typeof value === 'string' && form.test(value);

function isDraft(value: unknown): value is Draft {
  const draft = value as Partial<Record<keyof Draft, unknown>> | null;
  return (
    isLike(CLIENT_ID, draft?.clientId) &&
    isLike(ID, draft?.conversation) &&
    typeof draft?.text === 'string' &&
    typeof draft?.writtenAt === 'number' &&
    isRecord(draft.conduct) &&
    isRecord(draft.status)
  );
}

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null;
