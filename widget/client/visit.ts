// A visitor's visit: one connection, one conversation, an outbox. The panel draws its state and calls its methods.

import type { Draft } from './drafts.ts';
import { type Id, type Page, type Refused, type ServerFrame, State, type Welcome } from './frames.ts';
import { Marker } from './marker.ts';
import { Session, type SessionOptions } from './session.ts';
import type { Shelf } from './shelf.ts';
import { createStore, type Store } from './store.ts';
import { positionOf, type Thread } from './thread.ts';
import { TypingSignal } from './typing.ts';
import { newVisit, reduceVisit, type Visit, type VisitAction } from './visitState.ts';

export interface VisitOptions extends SessionOptions {
  readonly site: string;
  /** The embedding page at this moment. */
  page(): Page;
  /** The visitor token, for every tab of this browser. Filled only once the visitor wrote something. */
  readonly token: Shelf;
  /** The id of the conversation that this browser was in and has not left, for every tab. */
  readonly place: Shelf;
}

/** Where a text goes that is written before the first Welcome named a conversation (the Nil UUID, RFC 9562). */
const NOWHERE: Id = '00000000-0000-0000-0000-000000000000';

/** A number that the server has and we do not may be on its way: only after so long it counts as missing. */
const GAP_GRACE_MS = 2_000;

export class VisitorSession extends Session {
  readonly store: Store<Visit, VisitAction>;
  readonly typing: TypingSignal;
  private readonly options: VisitOptions;
  private readonly marker: Marker;
  private readonly startedAt: number;
  private asksOlder = false;
  /** Who this visitor is, as the last Welcome said. */
  private token: string | null = null;
  /** What this tab kept as its place. */
  private place: Id | null = null;
  /** This tab had no token when it said Hello. */
  private isNewcomer = false;

  constructor(options: VisitOptions) {
    super(options);
    const { clock } = options.world;
    this.options = options;
    this.startedAt = clock.now();
    this.store = createStore(newVisit(this.outbox.drafts, this.startedAt), reduceVisit);
    this.marker = new Marker((mark) => this.connection.tell({ type: 'Mark', ...mark }));
    this.typing = new TypingSignal(clock, (on) => this.sayTyping(on));
  }

  /** Sends a text into the present conversation, or, before the first Welcome, into the one that it will name. */
  send(text: string, decoy: string): void {
    const { thread } = this.store.get();
    const elapsedMs = this.world.clock.now() - this.startedAt;
    this.typing.stop();
    // Before the message goes: after a reload its draft is still this visitor's.
    if (this.token) this.options.token.set(this.token);
    if (thread) this.keepPlace(thread);
    this.outbox.add(thread?.id ?? NOWHERE, text, { elapsedMs, decoy: decoy.slice(0, 256) });
  }

  /** Sends what a tab that is closed had left to send. */
  inherit(drafts: readonly Draft[]): void {
    const { thread } = this.store.get();
    const seen = new Set(thread?.messages.map(({ clientId }) => clientId));
    const open = drafts.filter(({ clientId }) => !seen.has(clientId));
    if (open.length === 0) return;
    if (this.token) this.options.token.set(this.token);
    this.outbox.take(
      open.map((it) => (it.conversation === NOWHERE && thread ? { ...it, conversation: thread.id } : it)),
    );
  }

  /** Sends what an ended conversation refused as the first message of the next one. */
  sendAnew(clientId: Id): void {
    const draft = this.outbox.drafts.find((it) => it.clientId === clientId);
    if (draft?.status.is !== 'refused') return;
    const next = draft.status.refusal.detail || this.after(draft.conversation);
    const { thread } = this.store.get();
    if (thread && thread.id !== next) this.startOver();
    this.outbox.readdress(clientId, next);
  }

  /** The conversation that follows an ended one, or, while nobody has named it, the one that the next Welcome will. */
  private after(ended: Id): Id {
    const { thread, successor } = this.store.get();
    return successor ?? (thread && thread.id !== ended ? thread.id : NOWHERE);
  }

  /** Another tab became this browser's visitor first: join it, unless something was said here already. */
  adopt(token: string): void {
    const { thread, drafts } = this.store.get();
    if (!this.isNewcomer || !thread || positionOf(thread) > 0 || drafts.length > 0) return;
    this.isNewcomer = false;
    this.token = token;
    this.connection.restart();
  }

  /** The visitor sees the conversation (true) or not. */
  look(visible: boolean): void {
    this.marker.look(visible);
    this.mark();
  }

  /** Asks for the page of messages before the first one held. */
  async older(): Promise<void> {
    const { thread } = this.store.get();
    const first = thread?.messages[0];
    if (!thread?.more || !first || this.asksOlder) return;
    this.asksOlder = true;
    const question = { type: 'History', conversation: thread.id, before: first.seq } as const;
    await this.connection.ask(question).catch(() => null);
    this.asksOlder = false;
  }

  /** Ends the conversation. False if the server did not confirm it. */
  async end(): Promise<boolean> {
    const { thread } = this.store.get();
    const answer = thread && (await this.ask({ type: 'End', conversation: thread.id }));
    return answer?.type === 'Done';
  }

  /** Says who the visitor is. Null when done; else why not. */
  async introduce(name: string, email: string): Promise<Pick<Refused, 'code' | 'text'> | null> {
    const answer = await this.ask({ type: 'Introduce', name, email });
    if (answer?.type === 'Done') return null;
    return answer?.type === 'Refused' ? answer : { code: 0, text: '' };
  }

  /** Leaves an ended conversation. A fresh Welcome names the next one, since only a Hello can ask for it. */
  startOver(): void {
    this.options.place.clear();
    this.store.dispatch({ is: 'moved on' });
    this.connection.restart();
  }

  protected override hello() {
    const { site, page, token, place } = this.options;
    const { thread } = this.store.get();
    const position = thread ? positionOf(thread) : 0;
    this.isNewcomer ||= token.get() === null;
    this.token ??= token.get();
    // After a reload nothing is held of it: then it comes whole, also if it ended while nobody looked.
    const conversation = thread && position > 0 ? thread.id : place.get();
    return { type: 'Hello', site, token: this.token, page: page(), conversation, position } as const;
  }

  protected override positions() {
    const { thread } = this.store.get();
    return thread && positionOf(thread) > 0 ? [[thread.id, positionOf(thread)] as const] : [];
  }

  protected override receive(frame: ServerFrame): void {
    super.receive(frame);
    if (frame.type === 'Welcome') this.welcomed(frame);
    if (frame.type === 'Tops') this.compare(frame.positions);
    const { thread } = this.store.get();
    if (thread?.behind) this.connection.restart();
    else if (frame.type === 'Message' || frame.type === 'Snapshot') this.mark();
    if (thread && thread.state !== State.NEW) this.keepPlace(thread);
    if (thread?.state === State.ENDED) this.outbox.ended(thread.id);
  }

  /** Not of an ended one: it was kept while it went on, and may have been left in another tab since. */
  private keepPlace({ id, state }: Thread): void {
    if (state === State.ENDED || this.place === id) return;
    this.place = id;
    this.options.place.set(id);
  }

  private welcomed({ token, state }: Welcome): void {
    this.token = token;
    const hasWritten =
      state !== State.NEW || this.outbox.drafts.length > 0 || this.options.token.get() !== null;
    if (hasWritten) this.options.token.set(token);
    this.marker.reset();
    const { thread } = this.store.get();
    if (thread) this.outbox.address(NOWHERE, thread.id);
    this.outbox.open();
  }

  /** A heartbeat's answer names the highest number: notices what was lost without anything after it. */
  private compare(tops: readonly (readonly [Id, number])[]): void {
    const isBehind = () => {
      const { thread } = this.store.get();
      return thread !== null && tops.some(([id, top]) => id === thread.id && top > positionOf(thread));
    };
    const check = () => {
      if (isBehind()) this.connection.restart();
    };
    if (isBehind()) this.world.clock.after(GAP_GRACE_MS, check);
  }

  private mark(): void {
    const { thread } = this.store.get();
    const mark = thread && this.marker.next(thread);
    // What we told the server holds here at once: marks are not echoed to the one who made them.
    if (mark) {
      const frame = { type: 'Marks', ref: 0, ...mark } as const;
      this.store.dispatch({ is: 'frame', frame, now: this.world.clock.now() });
    }
  }

  private sayTyping(on: boolean): void {
    const { thread } = this.store.get();
    if (thread && positionOf(thread) > 0)
      this.connection.tell({ type: 'Typing', conversation: thread.id, on });
  }
}
