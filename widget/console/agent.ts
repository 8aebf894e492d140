// An agent's session: one connection, many conversations, an outbox. The interface draws its state and calls its methods.

import { SignedOut } from '../client/connection.ts';
import { type Refusal, refusalOf } from '../client/drafts.ts';
import {
  type ConversationView,
  type FrameOf,
  type Id,
  type Positions,
  type ServerFrame,
  State,
} from '../client/frames.ts';
import { Session, type SessionOptions } from '../client/session.ts';
import { memory, type Shelf } from '../client/shelf.ts';
import { createStore, type Store } from '../client/store.ts';
import { positionOf } from '../client/thread.ts';
import { TypingSignal } from '../client/typing.ts';
import { Following } from './following.ts';
import { Reading } from './reading.ts';
import { type Desk, type DeskAction, newDesk, reduceDesk } from './state/desk.ts';
import { newsOf } from './state/news.ts';
import type { News } from './state/screen.ts';

export interface AgentOptions extends Omit<SessionOptions, 'drafts'> {
  /** A new one-time ticket; throws SignedOut if the sign-in is over. */
  ticket(): Promise<string>;
  /** Where it is remembered that this agent is away: empty while they take conversations. */
  readonly away: Shelf;
  onNews(news: News): void;
}

/** HelloAgent and Beat carry at most so many positions; what is left over is asked for one by one. */
const POSITIONS = 64;
/** The catalogue's refusal for a claim that a colleague won. */
const TAKEN = 123;

/** How a claim went. `by` names the winner where the server told it, and is empty where it did not. */
export type Claimed = { readonly is: 'mine' } | { readonly is: 'taken'; readonly by: string } | Failed;
/** `refusal` is the server's reason; null when no answer came. */
export type Failed = { readonly is: 'failed'; readonly refusal: Refusal | null };

export class AgentSession extends Session {
  readonly store: Store<Desk, DeskAction>;
  /** What is being written and not yet sent, by conversation. In memory only: it is plain text. */
  readonly texts = new Map<Id, string>();
  readonly reading: Reading;
  private readonly options: AgentOptions;
  private readonly following: Following;
  private isAvailable: boolean;
  /** What this connection's first frame said of it. */
  private saidAvailable: boolean;
  private typing: { readonly id: Id; readonly signal: TypingSignal } | null = null;

  constructor(options: AgentOptions) {
    // What agents write is plain text about a visitor: it must not reach the disk.
    super({ ...options, drafts: memory() });
    const { clock } = options.world;
    this.options = options;
    this.isAvailable = this.saidAvailable = options.away.get() === null;
    this.store = createStore(newDesk(clock.now()), reduceDesk);
    this.following = new Following(clock, this.connection, this.store);
    this.reading = new Reading(this.connection, this.store, clock);
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

  /** The text in the composer of `id` is now `text`. */
  wrote(id: Id, text: string): void {
    this.texts.set(id, text);
    if (this.typing?.id !== id) {
      this.typing?.signal.stop();
      const tell = (on: boolean) => void this.connection.tell({ type: 'Typing', conversation: id, on });
      this.typing = { id, signal: new TypingSignal(this.world.clock, tell) };
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

  /** Fetches what did not come, now: by a connection that was given up, if need be. */
  retry(id: Id): void {
    this.start();
    this.nudge();
    this.following.again(id);
  }

  /** Whether I take new conversations. It holds over reconnects and reloads: each connection's first frame says it. */
  available(available: boolean): void {
    this.isAvailable = available;
    if (available) this.options.away.clear();
    else this.options.away.set(AWAY);
    this.store.dispatch({ is: 'available', available });
    void this.sayAvailable(available);
  }

  private async sayAvailable(available: boolean): Promise<void> {
    const answer = await this.ask({ type: 'Availability', available });
    if (answer?.type !== 'Refused' || answer.then !== 'retry') return;
    this.world.clock.after(answer.retryAfterMs ?? RETRY_MS, () => {
      // Only the last wish counts, and a connection lost meanwhile has said it already.
      if (this.isAvailable === available) void this.sayAvailable(available);
    });
  }

  /** Shows one line for a while. */
  notice(text: string): void {
    const { clock } = this.world;
    const key = clock.now() + this.store.get().screen.notices.length;
    this.store.dispatch({ is: 'noticed', notice: { key, text } });
    clock.after(NOTICE_MS, () => this.store.dispatch({ is: 'notice over', key }));
  }

  protected override async hello() {
    const ticket = await this.options.ticket();
    const positions = this.positions();
    this.following.told(positions.map(([id]) => id));
    this.saidAvailable = this.isAvailable;
    return { type: 'HelloAgent', ticket, positions, available: this.isAvailable } as const;
  }

  protected override positions(): Positions {
    const { threads, screen } = this.store.get();
    // What nothing is held of is asked for in its turn: a server that knows nothing of it says so only then.
    const held = [...threads.values()].filter((thread) => positionOf(thread) > 0);
    const openFirst = held.sort((a, b) => Number(b.id === screen.openId) - Number(a.id === screen.openId));
    return openFirst.slice(0, POSITIONS).map((thread) => [thread.id, positionOf(thread)] as const);
  }

  protected override receive(frame: ServerFrame): void {
    const news = newsOf(this.store.get(), frame);
    super.receive(frame);
    if (frame.type === 'WelcomeAgent') this.welcomed();
    if (frame.type === 'Tops') this.following.compare(frame.positions);
    if (frame.type === 'Queue') this.doubtOpen(frame);
    if (LISTED.has(frame.type)) {
      this.following.settle();
      this.dropOver();
    }
    this.reading.settle();
    if (news) this.options.onNews(news);
  }

  /** What is open and not in the list may have ended long ago, or have been erased. */
  private doubtOpen({ conversations, ended }: FrameOf<'Queue'>): void {
    const { openId } = this.store.get().screen;
    const isOpen = ({ conversation }: ConversationView) => conversation === openId;
    if (openId && !conversations.some(isOpen) && !ended.some(isOpen)) this.following.doubt(openId);
  }

  /** What waits to be sent into a conversation that has ended is not sent any more. */
  private dropOver(): void {
    const { conversations } = this.store.get();
    for (const id of new Set(this.outbox.drafts.map(({ conversation }) => conversation))) {
      if (conversations.get(id)?.state === State.ENDED) this.outbox.ended(id);
    }
  }

  private welcomed(): void {
    this.reading.reset();
    this.outbox.open();
    // Changed while the connection was made.
    if (this.isAvailable !== this.saidAvailable) this.available(this.isAvailable);
  }
}

const AWAY = 'away';
const NOTICE_MS = 6_000;
/** Before asking again where the server named no time. */
const RETRY_MS = 3_000;

/** Frames that may change what has to be followed, or show that something was missed. */
const LISTED: ReadonlySet<string> = new Set(['Queue', 'ConversationChanged', 'Snapshot', 'Message']);

function failure(answer: ServerFrame | null): Failed {
  return { is: 'failed', refusal: answer?.type === 'Refused' ? refusalOf(answer) : null };
}

export { SignedOut };
