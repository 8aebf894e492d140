// What a visitor's and an agent's session have in common: a connection that comes back by itself, an outbox that is
// open while there is one, and a state that follows both.

import { Connection, type HelloQuestion, type Line } from './connection.ts';
import type { Draft } from './drafts.ts';
import type { Id, Positions, Question, ServerFrame } from './frames.ts';
import { Outbox } from './outbox.ts';
import type { Shelf } from './shelf.ts';
import type { Store } from './store.ts';
import { TYPING_MS } from './thread.ts';
import type { World } from './world.ts';

export interface SessionOptions {
  readonly world: World;
  /** ws:// or wss:// */
  readonly gateway: string;
  /** Where unaccepted drafts wait out a reload. */
  readonly drafts: Shelf;
}

/** What every session's state hears of. */
export type SessionAction =
  | { readonly is: 'line'; readonly line: Line; readonly now: number }
  | { readonly is: 'frame'; readonly frame: ServerFrame; readonly now: number }
  | { readonly is: 'drafts'; readonly drafts: readonly Draft[] }
  | { readonly is: 'tick'; readonly now: number };

export abstract class Session {
  abstract readonly store: Pick<Store<unknown, SessionAction>, 'dispatch'>;
  protected readonly world: World;
  protected readonly connection: Connection;
  protected readonly outbox: Outbox;

  constructor({ world, gateway, drafts: shelf }: SessionOptions) {
    this.world = world;
    this.outbox = new Outbox({
      world,
      shelf,
      ask: (question) => this.connection.ask(question),
      onChange: (drafts) => this.store.dispatch({ is: 'drafts', drafts }),
    });
    this.connection = new Connection({
      url: gateway,
      world,
      hello: () => this.hello(),
      positions: () => this.positions(),
      onFrame: (frame) => this.receive(frame),
      onLine: (line) => this.follow(line),
    });
  }

  start(): void {
    this.connection.start();
  }

  stop(): void {
    this.connection.stop();
  }

  /** The network or the person came back, or the network went: whoever is still there answers within `ms`. */
  nudge(ms?: number): void {
    this.connection.nudge(ms);
  }

  /** Takes a refused draft away; returns it, so that its text can be edited. */
  takeBack(clientId: Id): Draft | undefined {
    return this.outbox.remove(clientId);
  }

  /** The first frame of a connection. */
  protected abstract hello(): HelloQuestion | Promise<HelloQuestion>;

  /** What is held, for heartbeats. */
  protected abstract positions(): Positions;

  /** A frame arrived. */
  protected receive(frame: ServerFrame): void {
    const { clock } = this.world;
    this.store.dispatch({ is: 'frame', frame, now: clock.now() });
    if (frame.type === 'TypingNow') clock.after(TYPING_MS, () => this.tick());
    if (frame.type === 'Message') this.outbox.arrived([frame.message]);
    if (frame.type === 'Snapshot') this.outbox.arrived(frame.messages);
  }

  /** The answer; null when none came. */
  protected ask(question: Question): Promise<ServerFrame | null> {
    return this.connection.ask(question).catch(() => null);
  }

  private follow(line: Line): void {
    this.store.dispatch({ is: 'line', line, now: this.world.clock.now() });
    if (line.phase !== 'open') this.outbox.close();
  }

  private tick(): void {
    this.store.dispatch({ is: 'tick', now: this.world.clock.now() });
  }
}
