// Keeps what was written until the server accepted it. In each conversation one message is on its way at a time, so
// a refusal of the first never lets the second overtake it; every retry carries the same client id.

import { type Draft, type DraftStatus, ENDED, keepDrafts, keptDrafts, refusalOf } from './drafts.ts';
import type { Conduct, Id, MessageView, Question, Refused, ServerFrame } from './frames.ts';
import type { Shelf } from './shelf.ts';
import { uuid7 } from './uuid7.ts';
import type { Cancel, World } from './world.ts';

export interface OutboxOptions {
  readonly world: World;
  /** Sends and resolves with Accepted or Refused; rejects when no answer came. */
  ask(question: Question): Promise<ServerFrame>;
  /** Where unaccepted drafts wait out a reload. */
  readonly shelf: Shelf;
  onChange(drafts: readonly Draft[]): void;
}

/** Before a retry when the server named no time, or gave no answer. */
const RETRY_MS = 3_000;

export class Outbox {
  private readonly options: OutboxOptions;
  private readonly timers = new Map<Id, Cancel>();
  private list: readonly Draft[];
  private isOpen = false;
  /** Conversations that take nothing more. */
  private readonly over = new Set<Id>();
  /** Counts connections, so that an answer lost with an old one changes nothing. */
  private turn = 0;

  constructor(options: OutboxOptions) {
    this.options = options;
    this.list = keptDrafts(options.shelf);
  }

  get drafts(): readonly Draft[] {
    return this.list;
  }

  /** Writes a message; it goes out as soon as it can. */
  add(conversation: Id, text: string, conduct: Conduct): Draft {
    const { world } = this.options;
    const writtenAt = world.clock.now();
    const status = { is: 'waiting' } as const;
    const draft: Draft = { clientId: uuid7(world), conversation, text, conduct, writtenAt, status };
    this.change([...this.list, draft]);
    this.pump();
    return draft;
  }

  /** Takes over what another page wrote and did not get accepted, in the order in which all of it was written. */
  take(drafts: readonly Draft[]): void {
    const held = new Set(this.list.map(({ clientId }) => clientId));
    const fresh = drafts.filter(({ clientId }) => !held.has(clientId));
    this.change([...this.list, ...fresh].sort((a, b) => a.writtenAt - b.writtenAt));
    this.pump();
  }

  /** The connection is welcomed: everything unaccepted goes out, in order, with the ids it had. */
  open(): void {
    this.turn += 1;
    this.isOpen = true;
    this.change(
      this.list.map((draft) => (isUnderway(draft) ? { ...draft, status: { is: 'waiting' } } : draft)),
    );
    this.pump();
  }

  /** The connection is lost: what was on its way may or may not have arrived. */
  close(): void {
    this.turn += 1;
    this.isOpen = false;
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
    this.change(
      this.list.map((draft) => (isUnderway(draft) ? { ...draft, status: { is: 'waiting' } } : draft)),
    );
  }

  /** These messages are in the conversation: their drafts are done. */
  arrived(messages: readonly MessageView[]): void {
    const ids = new Set(messages.map(({ clientId }) => clientId));
    if (!this.list.some(({ clientId }) => ids.has(clientId))) return;
    this.change(this.list.filter(({ clientId }) => !ids.has(clientId)));
    this.pump();
  }

  /**
   * The conversation has ended: what was not sent yet, or was to be sent again, is refused at once. Of what is on its
   * way the answer tells. The refusal's detail is empty: which conversation is next only the server knows.
   */
  ended(conversation: Id): void {
    this.over.add(conversation);
    const isStuck = ({ conversation: its, status }: Draft) =>
      its === conversation && (status.is === 'waiting' || status.is === 'held');
    for (const { clientId } of this.list.filter(isStuck)) {
      this.forgetTimer(clientId);
      this.become(clientId, { is: 'refused', refusal: ENDED });
    }
  }

  /** Takes a refused draft out, to be edited or dropped. */
  remove(clientId: Id): Draft | undefined {
    const draft = this.list.find((it) => it.clientId === clientId);
    this.forgetTimer(clientId);
    this.change(this.list.filter((it) => it !== draft));
    this.pump();
    return draft;
  }

  /** What was written to `from` goes to `to`. Only for what was never sent: it keeps its ids. */
  address(from: Id, to: Id): void {
    this.change(
      this.list.map((draft) => (draft.conversation === from ? { ...draft, conversation: to } : draft)),
    );
  }

  /** Sends a refused draft into another conversation: as a new message, since the old id belongs to the old one. */
  readdress(clientId: Id, conversation: Id): void {
    const fresh = { clientId: uuid7(this.options.world), conversation, status: { is: 'waiting' } } as const;
    this.change(this.list.map((draft) => (draft.clientId === clientId ? { ...draft, ...fresh } : draft)));
    this.pump();
  }

  private change(list: readonly Draft[]): void {
    if (list.length === this.list.length && list.every((draft, i) => draft === this.list[i])) return;
    this.list = list;
    keepDrafts(this.options.shelf, list);
    this.options.onChange(list);
  }

  private become(clientId: Id, status: DraftStatus): void {
    this.change(this.list.map((draft) => (draft.clientId === clientId ? { ...draft, status } : draft)));
  }

  /** Sends the first waiting draft of each conversation that has none on its way. */
  private pump(): void {
    if (!this.isOpen) return;
    const busy = new Set(this.list.filter(isUnderway).map(({ conversation }) => conversation));
    for (const draft of this.list) {
      if (draft.status.is !== 'waiting' || busy.has(draft.conversation)) continue;
      busy.add(draft.conversation);
      void this.send(draft);
    }
  }

  private forgetTimer(clientId: Id): void {
    this.timers.get(clientId)?.();
    this.timers.delete(clientId);
  }

  private async send({ clientId, conversation, text, conduct }: Draft): Promise<void> {
    const turn = this.turn;
    this.become(clientId, { is: 'sending' });
    const answer = await this.options
      .ask({ type: 'Post', conversation, clientId, text, conduct })
      .catch(() => null);
    if (turn !== this.turn) return;
    if (answer?.type === 'Accepted')
      this.become(clientId, { is: 'accepted', seq: answer.seq, at: answer.at });
    else if (answer?.type === 'Refused') this.refused(clientId, conversation, answer);
    else this.retry(clientId, RETRY_MS, null);
    this.pump();
  }

  private refused(clientId: Id, conversation: Id, refused: Refused): void {
    if (refused.then === 'retry' && this.over.has(conversation))
      this.become(clientId, { is: 'refused', refusal: ENDED });
    else if (refused.then === 'retry') this.retry(clientId, refused.retryAfterMs ?? RETRY_MS, refused);
    else this.become(clientId, { is: 'refused', refusal: refusalOf(refused) });
  }

  private retry(clientId: Id, ms: number, refused: Refused | null): void {
    const { clock } = this.options.world;
    const until = clock.now() + ms;
    if (refused) this.become(clientId, { is: 'held', until, refusal: refusalOf(refused) });
    const again = () => {
      this.timers.delete(clientId);
      this.become(clientId, { is: 'waiting' });
      this.pump();
    };
    this.timers.set(clientId, clock.after(ms, again));
  }
}

/** Sent, or about to be sent again: a new connection has to send it anew. */
function isUnderway({ status }: Draft): boolean {
  return status.is === 'sending' || status.is === 'held';
}
