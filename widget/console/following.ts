// Keeps what the server sends in step with what has to be followed: asks for what is missing, lets go of the rest.

import type { Connection } from '../client/connection.ts';
import type { Id, Positions } from '../client/frames.ts';
import type { Store } from '../client/store.ts';
import { positionOf } from '../client/thread.ts';
import type { Clock } from '../client/world.ts';
import type { Desk, DeskAction } from './state/desk.ts';
import { toFollow } from './state/lists.ts';

/** A number that the server has and we do not may be on its way: only after so long it counts as missing. */
const GAP_GRACE_MS = 2_000;
/** Before asking again for a conversation that gave no answer. */
const ASK_AGAIN_MS = 3_000;

export class Following {
  /** What the server sends to this connection. */
  private readonly sent = new Set<Id>();
  /** Questions on their way, so that one gap asks once. An answer counts only while its question stands here. */
  private readonly asked = new Map<Id, symbol>();
  private readonly clock: Clock;
  private readonly line: Pick<Connection, 'ask' | 'tell' | 'isOpen'>;
  private readonly store: Store<Desk, DeskAction>;

  constructor(
    clock: Clock,
    line: Pick<Connection, 'ask' | 'tell' | 'isOpen'>,
    store: Store<Desk, DeskAction>,
  ) {
    this.clock = clock;
    this.line = line;
    this.store = store;
  }

  /** A new connection follows what its first frame named. */
  told(ids: readonly Id[]): void {
    this.sent.clear();
    this.asked.clear();
    for (const id of ids) this.sent.add(id);
  }

  /** Makes the difference between what is followed and what should be. */
  settle(): void {
    const desk = this.store.get();
    if (!this.line.isOpen || !desk.hasQueue) return;
    const wanted = toFollow(desk, desk.screen.openId);
    for (const id of desk.threads.keys()) if (!wanted.has(id)) this.leave(id);
    for (const id of wanted) if (this.isMissing(desk, id)) void this.watch(id);
  }

  /** A heartbeat's answer names the highest numbers: notices what was lost without anything after it. */
  compare(tops: Positions): void {
    if (!this.behind(tops).length) return;
    this.clock.after(GAP_GRACE_MS, () => {
      for (const id of this.behind(tops)) void this.watch(id);
    });
  }

  private isMissing(desk: Desk, id: Id): boolean {
    if (desk.screen.unknown.has(id)) return false;
    return !this.sent.has(id) || desk.threads.get(id)?.behind !== false;
  }

  private behind(tops: Positions): readonly Id[] {
    const { threads } = this.store.get();
    const isBehind = ([id, top]: readonly [Id, number]) => {
      const thread = threads.get(id);
      return thread !== undefined && top > positionOf(thread);
    };
    return tops.filter(isBehind).map(([id]) => id);
  }

  private async watch(id: Id): Promise<void> {
    if (this.asked.has(id)) return;
    const question = Symbol(id);
    this.asked.set(id, question);
    this.sent.add(id);
    this.store.dispatch({ is: 'followed', id });
    const thread = this.store.get().threads.get(id);
    const position = thread ? positionOf(thread) : 0;
    const answer = await this.line.ask({ type: 'Watch', conversation: id, position }).catch(() => null);
    if (this.asked.get(id) !== question) return;
    this.asked.delete(id);
    if (answer?.type === 'Refused' && answer.then !== 'retry') this.store.dispatch({ is: 'unknown', id });
    else if (answer?.type !== 'Snapshot') this.againLater(id);
  }

  /** Without an answer it is not known whether the server follows; asking again does no harm. */
  private againLater(id: Id): void {
    this.sent.delete(id);
    this.clock.after(ASK_AGAIN_MS, () => this.settle());
  }

  private leave(id: Id): void {
    this.asked.delete(id);
    this.store.dispatch({ is: 'forgotten', id });
    if (this.sent.delete(id)) this.line.tell({ type: 'Unwatch', conversation: id });
  }
}
