// An agent's session: one connection, many conversations, an outbox. The interface draws its state and calls its methods.

import { Connection, type Line, SignedOut } from '../client/connection.ts';
import type { Draft } from '../client/drafts.ts';
import type { Id, Positions, Question, ServerFrame } from '../client/frames.ts';
import { Outbox } from '../client/outbox.ts';
import { createStore, type Store } from '../client/store.ts';
import { positionOf, TYPING_MS } from '../client/thread.ts';
import { TypingSignal } from '../client/typing.ts';
import type { World } from '../client/world.ts';
import { Following } from './following.ts';
import { memoryShelf } from './memoryShelf.ts';
import { Reading } from './reading.ts';
import { type Desk, type DeskAction, newDesk, reduceDesk } from './state/desk.ts';
import { type News, newsOf } from './state/news.ts';

export interface AgentOptions {
  readonly world: World;
  readonly gateway: string;
  /** A new one-time ticket; throws SignedOut if the sign-in is over. */
  ticket(): Promise<string>;
  onNews(news: News): void;
}

/** HelloAgent and Beat carry at most so many positions; what is left over is asked for one by one. */
const POSITIONS = 64;
/** The catalogue's refusal for a claim that a colleague won. */
const TAKEN = 123;

/** How a claim went. `by` names the winner where the server told it, and is empty where it did not. */
export type Claimed = { readonly is: 'mine' } | { readonly is: 'taken'; readonly by: string } | Failed;
/** `text` is the server's reason; empty when no answer came. */
export type Failed = { readonly is: 'failed'; readonly text: string };

export class AgentSession {
  readonly store: Store<Desk, DeskAction>;
  /** What is being written and not yet sent, by conversation. In memory only: it is plain text. */
  readonly texts = new Map<Id, string>();
  readonly reading: Reading;
  private readonly options: AgentOptions;
  private readonly connection: Connection;
  private readonly outbox: Outbox;
  private readonly following: Following;
  private isAvailable = true;
  /** What this connection's first frame said of it. */
  private saidAvailable = true;
  private typing: { readonly id: Id; readonly signal: TypingSignal } | null = null;

  constructor(options: AgentOptions) {
    const { world } = options;
    this.options = options;
    this.store = createStore(newDesk(world.clock.now()), reduceDesk);
    const connection = new Connection({
      url: options.gateway,
      world,
      hello: () => this.hello(),
      positions: () => this.positions(),
      onFrame: (frame) => this.receive(frame),
      onLine: (line) => this.lineChanged(line),
    });
    this.connection = connection;
    this.outbox = new Outbox({
      world,
      shelf: memoryShelf(),
      ask: (question) => connection.ask(question),
      onChange: (drafts) => this.store.dispatch({ is: 'drafts', drafts }),
    });
    this.following = new Following(world.clock, connection, this.store);
    this.reading = new Reading(connection, this.store, world.clock);
  }

  start(): void {
    this.connection.start();
  }

  stop(): void {
    this.connection.stop();
  }

  /** The network or the agent came back. */
  nudge(): void {
    this.connection.nudge();
  }

  /** Shows a conversation, or none. */
  open(id: Id | null): void {
    this.typing?.signal.stop();
    this.store.dispatch({ is: 'opened', id });
    this.following.settle();
    this.reading.settle();
  }

  async claim(id: Id): Promise<Claimed> {
    this.store.dispatch({ is: 'claiming', id, on: true });
    const answer = await this.ask({ type: 'Claim', conversation: id });
    this.store.dispatch({ is: 'claiming', id, on: false });
    if (answer?.type === 'Done') return { is: 'mine' };
    if (answer?.type === 'Refused' && answer.code === TAKEN) return { is: 'taken', by: answer.detail };
    return failure(answer);
  }

  /** Ends the conversation for both sides. Null when done. */
  async end(id: Id): Promise<Failed | null> {
    const answer = await this.ask({ type: 'End', conversation: id });
    return answer?.type === 'Done' ? null : failure(answer);
  }

  /** Sends a text; it is kept until the server has it. */
  send(id: Id, text: string): void {
    this.typing?.signal.stop();
    this.texts.delete(id);
    // Conduct is how the widget's visitors are told from bots; an agent has signed in.
    this.outbox.add(id, text, { elapsedMs: 0, decoy: '' });
  }

  /** Takes a refused draft away; returns it, so that its text can be edited. */
  takeBack(clientId: Id): Draft | undefined {
    return this.outbox.remove(clientId);
  }

  /** The text in the composer of `id` is now `text`. */
  wrote(id: Id, text: string): void {
    this.texts.set(id, text);
    if (this.typing?.id !== id) {
      this.typing?.signal.stop();
      const tell = (on: boolean) => void this.connection.tell({ type: 'Typing', conversation: id, on });
      this.typing = { id, signal: new TypingSignal(this.options.world.clock, tell) };
    }
    this.typing.signal.wrote(text);
  }

  /** Puts a text back into the composer of `id`, before what is already there. */
  compose(id: Id, text: string): void {
    const present = this.texts.get(id)?.trim();
    this.texts.set(id, present ? `${text}\n${present}` : text);
    this.store.dispatch({ is: 'taken back', id });
  }

  /** Asks for the page of messages before the first one held. */
  async older(id: Id): Promise<void> {
    const { threads, screen } = this.store.get();
    const thread = threads.get(id);
    const first = thread?.messages[0];
    if (!thread?.more || !first || screen.asksOlder.has(id)) return;
    this.store.dispatch({ is: 'asks older', id, on: true });
    await this.ask({ type: 'History', conversation: id, before: first.seq });
    this.store.dispatch({ is: 'asks older', id, on: false });
  }

  /** Whether I take new conversations. It holds over reconnects: the first frame of each connection says it. */
  available(available: boolean): void {
    this.isAvailable = available;
    this.store.dispatch({ is: 'available', available });
    void this.sayAvailable(available);
  }

  private async sayAvailable(available: boolean): Promise<void> {
    const answer = await this.ask({ type: 'Availability', available });
    if (answer?.type !== 'Refused' || answer.then !== 'retry') return;
    this.options.world.clock.after(answer.retryAfterMs ?? RETRY_MS, () => {
      // Only the last wish counts, and a connection lost meanwhile has said it already.
      if (this.isAvailable === available) void this.sayAvailable(available);
    });
  }

  /** Shows one line for a while. */
  notice(text: string): void {
    const { clock } = this.options.world;
    const key = clock.now() + this.store.get().screen.notices.length;
    this.store.dispatch({ is: 'noticed', notice: { key, text } });
    clock.after(NOTICE_MS, () => this.store.dispatch({ is: 'notice over', key }));
  }

  private ask(question: Question): Promise<ServerFrame | null> {
    return this.connection.ask(question).catch(() => null);
  }

  private async hello() {
    const ticket = await this.options.ticket();
    const positions = this.positions();
    this.following.told(positions.map(([id]) => id));
    this.saidAvailable = this.isAvailable;
    return { type: 'HelloAgent', ticket, positions, available: this.isAvailable } as const;
  }

  private positions(): Positions {
    const threads = [...this.store.get().threads.values()];
    return threads.slice(0, POSITIONS).map((thread) => [thread.id, positionOf(thread)] as const);
  }

  private lineChanged(line: Line): void {
    this.store.dispatch({ is: 'line', line, now: this.options.world.clock.now() });
    if (line.phase !== 'open') this.outbox.close();
  }

  private receive(frame: ServerFrame): void {
    const { clock } = this.options.world;
    const news = newsOf(this.store.get(), frame);
    this.store.dispatch({ is: 'frame', frame, now: clock.now() });
    if (frame.type === 'WelcomeAgent') this.welcomed();
    if (frame.type === 'Tops') this.following.compare(frame.positions);
    if (frame.type === 'TypingNow') clock.after(TYPING_MS, () => this.tick());
    if (frame.type === 'Message') this.outbox.arrived([frame.message]);
    if (frame.type === 'Snapshot') this.outbox.arrived(frame.messages);
    if (LISTED.has(frame.type)) this.following.settle();
    this.reading.settle();
    if (news) this.options.onNews(news);
  }

  private welcomed(): void {
    this.reading.reset();
    this.outbox.open();
    // Changed while the connection was made.
    if (this.isAvailable !== this.saidAvailable) this.available(this.isAvailable);
  }

  private tick(): void {
    this.store.dispatch({ is: 'tick', now: this.options.world.clock.now() });
  }
}

const NOTICE_MS = 6_000;
/** Before asking again where the server named no time. */
const RETRY_MS = 3_000;

/** Frames that may change what has to be followed, or show that something was missed. */
const LISTED: ReadonlySet<string> = new Set(['Queue', 'ConversationChanged', 'Snapshot', 'Message']);

function failure(answer: ServerFrame | null): Failed {
  return { is: 'failed', text: answer?.type === 'Refused' ? answer.text : '' };
}

export { SignedOut };
