// One conversation partner on the wire: connects, says Hello, keeps alive, comes back after a loss.

import { backoff } from './backoff.ts';
import { type Closure, closureOf } from './closures.ts';
import { decodeServer, encode, MSGPACK_SUBPROTOCOL } from './codec.ts';
import type { ClientFrame, Goodbye, Positions, Question, ServerFrame } from './frames.ts';
import { Heartbeat } from './heartbeat.ts';
import { Lost, Questions } from './questions.ts';
import type { Cancel, Wire, World } from './world.ts';

/** How a connection stands, for people to see. */
export type Line =
  | { readonly phase: 'resting' }
  | { readonly phase: 'connecting'; readonly attempt: number }
  /** `isDoubtful`: it was asked for a sign of life, and none has come yet. */
  | { readonly phase: 'open'; readonly isDoubtful: boolean }
  | { readonly phase: 'waiting'; readonly attempt: number; readonly retryAt: number }
  /** The server said to stay away, or to sign in again: `closure.then` tells which. */
  | { readonly phase: 'gone'; readonly closure: Closure };

/** Thrown by `hello` when there is no sign-in to connect with. */
export class SignedOut extends Error {
  override readonly name = 'SignedOut';
}

export type HelloQuestion = Extract<Question, { type: 'Hello' | 'HelloAgent' }>;

export interface ConnectionOptions {
  /** ws:// or wss:// */
  readonly url: string;
  readonly world: World;
  /** The first frame, made anew for every try. May fetch a ticket; throws SignedOut if there is no sign-in. */
  hello(): HelloQuestion | Promise<HelloQuestion>;
  /** What is held, for heartbeats. */
  positions(): Positions;
  /** Every frame that arrives, answers included; an answer's promise resolves after this. */
  onFrame(frame: ServerFrame): void;
  onLine(line: Line): void;
}

/** From dialling to Welcome. */
const CONNECT_MS = 10_000;
/** A connection that held so long was a good one: the next loss starts the waits from the beginning. */
const STEADY_MS = 10_000;
const ANSWER_MS = 10_000;
const NORMAL_CLOSE = 1000;
const ABNORMAL_CLOSE = 1006;

export class Connection {
  private readonly options: ConnectionOptions;
  private readonly questions: Questions;
  private readonly heartbeat: Heartbeat;
  private line: Line = { phase: 'resting' };
  private wire: Wire | null = null;
  private goodbye: Goodbye | null = null;
  private attempt = 0;
  private openedAt = 0;
  /** Counts tries, so that what an abandoned one still does is ignored. */
  private turn = 0;
  private cancelTimer: Cancel | null = null;

  constructor(options: ConnectionOptions) {
    this.options = options;
    this.questions = new Questions(options.world.clock);
    this.heartbeat = new Heartbeat({
      world: options.world,
      beat: () => void this.tell({ type: 'Beat', positions: options.positions() }, true),
      silent: () => this.lost(ABNORMAL_CLOSE),
      doubt: (isDoubtful) => this.show({ phase: 'open', isDoubtful }),
    });
  }

  get isOpen(): boolean {
    return this.line.phase === 'open';
  }

  start(): void {
    if (this.line.phase === 'resting' || this.line.phase === 'gone') this.connect();
  }

  /** Hangs up and stays away until `start`. */
  stop(): void {
    this.abandon();
    this.attempt = 0;
    this.show({ phase: 'resting' });
  }

  /** The network or the person came back: try now if waiting, ask for a sign of life within `ms` if open. */
  nudge(ms?: number): void {
    if (this.line.phase === 'waiting') this.connect();
    else if (this.isOpen) this.heartbeat.probe(ms);
  }

  /** Hangs up and connects again, to say Hello with the present position; waits as after a loss if that repeats. */
  restart(): void {
    if (!this.isOpen) {
      this.nudge();
    } else if (this.isSteady()) {
      this.attempt = 0;
      this.connect();
    } else {
      this.abandon();
      this.wait(0);
    }
  }

  /** Sends and waits for the answer. Rejects with Lost when there is none. */
  async ask(question: Question, deadlineMs = ANSWER_MS): Promise<ServerFrame> {
    const ref = this.questions.next();
    const sent = this.isOpen && this.send({ ...question, ref } as ClientFrame);
    if (!sent) throw new Lost('there is no connection');
    return this.questions.wait(ref, deadlineMs);
  }

  /** Sends what needs no answer (with `answered`, one that comes as a frame). False if there is no connection. */
  tell(question: Question, answered = false): boolean {
    const ref = answered ? this.questions.next() : 0;
    return this.isOpen && this.send({ ...question, ref } as ClientFrame);
  }

  private connect(): void {
    this.abandon();
    const turn = this.turn;
    this.attempt += 1;
    this.show({ phase: 'connecting', attempt: this.attempt });
    this.cancelTimer = this.options.world.clock.after(CONNECT_MS, () => this.lost(ABNORMAL_CLOSE));
    this.dial(turn).catch((error: unknown) => {
      if (turn !== this.turn) return;
      this.lost(error instanceof SignedOut ? 4401 : ABNORMAL_CLOSE);
    });
  }

  private async dial(turn: number): Promise<void> {
    const { options } = this;
    const hello = await options.hello();
    if (turn !== this.turn) return;
    const wire = options.world.dial(options.url, MSGPACK_SUBPROTOCOL);
    this.wire = wire;
    wire.binaryType = 'arraybuffer';
    wire.onopen = () => void this.send({ ...hello, ref: this.questions.next() } as ClientFrame);
    wire.onmessage = ({ data }) => this.receive(data);
    wire.onclose = ({ code }) => this.lost(code);
    wire.onerror = null; // a close always follows and says more
  }

  private receive(data: unknown): void {
    this.heartbeat.heard();
    const turn = this.turn;
    const frame = understood(data);
    // A server that we do not understand may be an older or newer one behind the same address: another try may help.
    if (!frame) {
      this.lost(ABNORMAL_CLOSE);
      return;
    }
    if (frame.type === 'Goodbye') this.goodbye = frame;
    if (frame.type === 'Welcome' || frame.type === 'WelcomeAgent') this.welcomed(frame.heartbeatMs);
    this.options.onFrame(frame);
    if (turn === this.turn) this.questions.answer(frame);
  }

  private welcomed(heartbeatMs: number): void {
    this.cancelTimer?.();
    this.cancelTimer = null;
    this.openedAt = this.options.world.clock.now();
    this.heartbeat.start(heartbeatMs);
    this.show({ phase: 'open', isDoubtful: false });
  }

  private isSteady(): boolean {
    return this.isOpen && this.options.world.clock.now() - this.openedAt >= STEADY_MS;
  }

  private lost(code: number): void {
    const closure = closureOf(code, this.goodbye);
    if (this.isSteady()) this.attempt = 0;
    this.abandon();
    if (closure.then === 'resume') this.wait(closure.afterMs);
    else this.show({ phase: 'gone', closure });
  }

  private wait(askedMs: number): void {
    const { clock, random } = this.options.world;
    const ms = askedMs || backoff(Math.max(1, this.attempt), random);
    this.cancelTimer = clock.after(ms, () => this.connect());
    this.show({ phase: 'waiting', attempt: this.attempt, retryAt: clock.now() + ms });
  }

  /** Lets go of the present try, whatever it was doing. */
  private abandon(): void {
    this.turn += 1;
    this.cancelTimer?.();
    this.cancelTimer = null;
    this.heartbeat.stop();
    this.goodbye = null;
    const wire = this.wire;
    this.wire = null;
    if (wire) {
      wire.onopen = wire.onmessage = wire.onclose = null;
      wire.close(NORMAL_CLOSE);
    }
    this.questions.lose();
  }

  private send(frame: ClientFrame): boolean {
    if (!this.wire) return false;
    try {
      this.wire.send(encode(frame));
      return true;
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      return false; // the socket is closing: its close event follows
    }
  }

  private show(line: Line): void {
    this.line = line;
    this.options.onLine(line);
  }
}

/** The frame in what a socket gave, or null if there is none. */
function understood(data: unknown): ServerFrame | null {
  try {
    return data instanceof ArrayBuffer ? decodeServer(new Uint8Array(data)) : null;
  } catch {
    return null;
  }
}

export { Lost };
