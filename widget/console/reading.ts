// Tells the visitor's side how far this agent received and read. Only in conversations that are mine: looking at one
// that waits must not tell its visitor that somebody read it.

import type { Connection } from '../client/connection.ts';
import { type Id, Role } from '../client/frames.ts';
import { Marker } from '../client/marker.ts';
import type { Store } from '../client/store.ts';
import type { Clock } from '../client/world.ts';
import type { Desk, DeskAction } from './state/desk.ts';
import { listOf } from './state/lists.ts';

export class Reading {
  private readonly markers = new Map<Id, Marker>();
  private readonly line: Pick<Connection, 'tell'>;
  private readonly store: Store<Desk, DeskAction>;
  private readonly clock: Clock;
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
  }

  look(isLooking: boolean): void {
    if (this.isLooking === isLooking) return;
    this.isLooking = isLooking;
    this.settle();
  }

  /** Sends every mark that is due. */
  settle(): void {
    const { conversations, me } = this.store.get();
    for (const view of conversations.values()) {
      if (listOf(view, me?.account) === 'yours') this.mark(view.conversation);
    }
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
