// A visitor's visit: one connection, one conversation, an outbox. The panel draws its state and calls its methods.

import { Connection, type Line } from './connection.ts';
import type { Draft } from './drafts.ts';
import { type Id, type Page, type Refused, type ServerFrame, State, type Welcome } from './frames.ts';
import { Marker } from './marker.ts';
import { Outbox } from './outbox.ts';
import type { Shelf } from './shelf.ts';
import { createStore, type Store } from './store.ts';
import { positionOf, TYPING_MS } from './thread.ts';
import { TypingSignal } from './typing.ts';
import { newVisit, reduceVisit, type Visit, type VisitAction } from './visitState.ts';
import type { World } from './world.ts';

export interface VisitOptions {
  readonly world: World;
  readonly gateway: string;
  readonly site: string;
  /** The embedding page at this moment. */
  page(): Page;
  /** The visitor token, for every tab of this browser. Filled only once the visitor wrote something. */
  readonly token: Shelf;
  /** This tab's unaccepted drafts. */
  readonly drafts: Shelf;
}

/** A number that the server has and we do not may be on its way: only after so long it counts as missing. */
const GAP_GRACE_MS = 2_000;

export class VisitorSession {
  readonly store: Store<Visit, VisitAction>;
  readonly typing: TypingSignal;
  private readonly options: VisitOptions;
  private readonly connection: Connection;
  private readonly outbox: Outbox;
  private readonly marker: Marker;
  private readonly startedAt: number;
  private asksOlder = false;
  /** Who this visitor is, as the last Welcome said. */
  private token: string | null = null;
  /** This tab had no token when it said Hello. */
  private isNewcomer = false;

  constructor(options: VisitOptions) {
    const { world, drafts: shelf } = options;
    this.options = options;
    this.startedAt = world.clock.now();
    this.outbox = new Outbox({
      world,
      shelf,
      ask: (question) => this.connection.ask(question),
      onChange: (drafts) => this.store.dispatch({ is: 'drafts', drafts }),
    });
    this.store = createStore(newVisit(this.outbox.drafts, this.startedAt), reduceVisit);
    this.connection = new Connection({
      url: options.gateway,
      world,
      hello: () => this.hello(),
      positions: () => this.positions(),
      onFrame: (frame) => this.receive(frame),
      onLine: (line) => this.follow(line),
    });
    this.marker = new Marker((mark) => this.connection.tell({ type: 'Mark', ...mark }));
    this.typing = new TypingSignal(world.clock, (on) => this.sayTyping(on));
  }

  start(): void {
    this.connection.start();
  }

  stop(): void {
    this.connection.stop();
  }

  /** The network or the visitor came back. */
  nudge(): void {
    this.connection.nudge();
  }

  /** Sends a text into the present conversation. Before the first Welcome there is none to send it to. */
  send(text: string, decoy: string): void {
    const { thread } = this.store.get();
    if (!thread) return;
    const elapsedMs = this.options.world.clock.now() - this.startedAt;
    this.typing.stop();
    // Before the message goes: after a reload its draft is still this visitor's.
    if (this.token) this.options.token.set(this.token);
    this.outbox.add(thread.id, text, { elapsedMs, decoy: decoy.slice(0, 256) });
  }

  /** Takes a refused draft away; returns it, so that its text can be edited. */
  takeBack(clientId: Id): Draft | undefined {
    return this.outbox.remove(clientId);
  }

  /** Sends what an ended conversation refused as the first message of the next one. */
  sendAnew(clientId: Id): void {
    const draft = this.outbox.drafts.find((it) => it.clientId === clientId);
    if (draft?.status.is !== 'refused') return;
    const next = draft.status.refusal.detail;
    const { thread } = this.store.get();
    if (thread?.id !== next) this.startOver();
    this.outbox.readdress(clientId, next);
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
    this.store.dispatch({ is: 'moved on' });
    this.connection.restart();
  }

  private ask(question: Parameters<Connection['ask']>[0]): Promise<ServerFrame | null> {
    return this.connection.ask(question).catch(() => null);
  }

  private hello() {
    const { site, page, token } = this.options;
    const { thread } = this.store.get();
    const position = thread ? positionOf(thread) : 0;
    this.isNewcomer ||= token.get() === null;
    this.token ??= token.get();
    const conversation = thread && position > 0 ? thread.id : null;
    return { type: 'Hello', site, token: this.token, page: page(), conversation, position } as const;
  }

  private positions() {
    const { thread } = this.store.get();
    return thread && positionOf(thread) > 0 ? [[thread.id, positionOf(thread)] as const] : [];
  }

  private follow(line: Line): void {
    this.store.dispatch({ is: 'line', line, now: this.options.world.clock.now() });
    if (line.phase !== 'open') this.outbox.close();
  }

  private receive(frame: ServerFrame): void {
    const { clock } = this.options.world;
    this.store.dispatch({ is: 'frame', frame, now: clock.now() });
    if (frame.type === 'Welcome') this.welcomed(frame);
    if (frame.type === 'Tops') this.compare(frame.positions);
    if (frame.type === 'TypingNow') clock.after(TYPING_MS, () => this.tick());
    const { thread } = this.store.get();
    if (frame.type === 'Message') this.outbox.arrived([frame.message]);
    if (frame.type === 'Snapshot') this.outbox.arrived(frame.messages);
    if (thread?.behind) this.connection.restart();
    else if (frame.type === 'Message' || frame.type === 'Snapshot') this.mark();
  }

  private welcomed({ token, state }: Welcome): void {
    this.token = token;
    const hasWritten = state !== State.NEW || this.options.token.get() !== null;
    if (hasWritten) this.options.token.set(token);
    this.marker.reset();
    this.outbox.open();
  }

  private tick(): void {
    this.store.dispatch({ is: 'tick', now: this.options.world.clock.now() });
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
    if (isBehind()) this.options.world.clock.after(GAP_GRACE_MS, check);
  }

  private mark(): void {
    const { thread } = this.store.get();
    const mark = thread && this.marker.next(thread);
    // What we told the server holds here at once: marks are not echoed to the one who made them.
    if (mark) {
      const frame = { type: 'Marks', ref: 0, ...mark } as const;
      this.store.dispatch({ is: 'frame', frame, now: this.options.world.clock.now() });
    }
  }

  private sayTyping(on: boolean): void {
    const { thread } = this.store.get();
    if (thread && positionOf(thread) > 0)
      this.connection.tell({ type: 'Typing', conversation: thread.id, on });
  }
}
