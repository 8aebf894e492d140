// Tells the visitor's side how far the agents' side received and read. That a message arrived, every console tells; that
// somebody read it, only the agent whose conversation it is: looking at one that waits must not tell its visitor.

import type { Connection } from '../client/connection.ts';
import { type ConversationView, type Id, Role } from '../client/frames.ts';
import { Marker } from '../client/marker.ts';
import type { Store } from '../client/store.ts';
import type { Cancel, Clock } from '../client/world.ts';
import type { Desk, DeskAction } from './state/desk.ts';
import { listOf } from './state/lists.ts';

/** So many of those who wait are told of at once, and then again after a pause: a connection has 20 frames a second. */
const AT_ONCE = 8;
const PAUSE_MS = 1_000;

export class Reading {
  private readonly markers = new Map<Id, Marker>();
  /** Up to where those who wait were told that their messages arrived. */
  private readonly arrived = new Map<Id, number>();
  private readonly line: Pick<Connection, 'tell'>;
  private readonly store: Store<Desk, DeskAction>;
  private readonly clock: Clock;
  private pause: Cancel | null = null;
  /** The open conversation is on the screen to its end, and its window is in front. */
  private isLooking = false;

  constructor(line: Pick<Connection, 'tell'>, store: Store<Desk, DeskAction>, clock: Clock) {
    this.line = line;
    this.store = store;
    this.clock = clock;
  }

  /** A new connection: what was said on the old one may be lost. */
  reset(): void {
    this.markers.clear();
    this.arrived.clear();
    this.pause?.();
    this.pause = null;
  }

  look(isLooking: boolean): void {
    if (this.isLooking === isLooking) return;
    this.isLooking = isLooking;
    this.settle();
  }

  /** Sends every mark that is due. */
  settle(): void {
    const { conversations, me } = this.store.get();
    const news: ConversationView[] = [];
    for (const view of conversations.values()) {
      const list = listOf(view, me?.account);
      if (list === 'yours') this.mark(view.conversation);
      if (list !== 'waiting') this.arrived.delete(view.conversation);
      else if (view.top > (this.arrived.get(view.conversation) ?? 0)) news.push(view);
    }
    if (!this.pause) this.tellArrived(news);
  }

  private tellArrived(news: readonly ConversationView[]): void {
    for (const { conversation, top } of news.slice(0, AT_ONCE)) {
      if (!this.line.tell({ type: 'Mark', conversation, received: top, read: 0 })) return;
      this.arrived.set(conversation, top);
    }
    if (news.length === 0) return;
    this.pause = this.clock.after(PAUSE_MS, () => {
      this.pause = null;
      this.settle();
    });
  }

  private mark(id: Id): void {
    const { threads, screen } = this.store.get();
    const thread = threads.get(id);
    if (!thread) return;
    const marker = this.markerOf(id);
    marker.look(this.isLooking && screen.openId === id);
    const mark = marker.next(thread);
    // Marks are not echoed to the one who made them, so what was told is held here at once.
    if (mark) {
      const frame = { type: 'Marks', ref: 0, ...mark } as const;
      this.store.dispatch({ is: 'frame', frame, now: this.clock.now() });
    }
  }

  private markerOf(id: Id): Marker {
    const known = this.markers.get(id);
    if (known) return known;
    const marker = new Marker((mark) => this.line.tell({ type: 'Mark', ...mark }), Role.AGENT);
    this.markers.set(id, marker);
    return marker;
  }
}
