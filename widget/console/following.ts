// Keeps what the server sends in step with what has to be followed: asks for what is missing, lets go of the rest.
//
// Few questions at a time, and the open conversation's first: the server answers those of one connection in their order,
// so whoever opens a conversation must not wait behind everything else. What the server wants asked later is asked later.

import type { Connection } from '../client/connection.ts';
import { refusalOf } from '../client/drafts.ts';
import type { Id, Positions, ServerFrame } from '../client/frames.ts';
import type { Store } from '../client/store.ts';
import { positionOf } from '../client/thread.ts';
import type { Cancel, Clock } from '../client/world.ts';
import type { Desk, DeskAction } from './state/desk.ts';
import { toFollow } from './state/lists.ts';

/** Questions on their way at a time. The last place is the open conversation's. */
const AT_ONCE = 4;
/** A number that the server has and we do not may be on its way: only after so long it counts as missing. */
const GAP_GRACE_MS = 2_000;
/** Before asking again for a conversation that gave no answer, and where the server named no time. */
const ASK_AGAIN_MS = 3_000;
/** The shortest pause after a refusal, whatever time it names: so even a server that refuses all is asked little. */
const SHORTEST_PAUSE_MS = 250;

export class Following {
  /** What the server sends to this connection. */
  private readonly sent = new Set<Id>();
  /** What was sent of these is known to be incomplete, or may be. */
  private readonly doubted = new Set<Id>();
  /** Questions on their way, so that one gap asks once. An answer counts only while its question stands here. */
  private readonly asked = new Map<Id, symbol>();
  /** How many are on their way, those included whose answer nobody waits for any more. */
  private underway = 0;
  /** These gave no answer, and are left alone for a while. */
  private readonly resting = new Map<Id, Cancel>();
  /** The server wants nothing to be asked before `until`. */
  private pause: { readonly until: number; readonly cancel: Cancel } | null = null;
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
    this.doubted.clear();
    this.asked.clear();
    for (const cancel of this.resting.values()) cancel();
    this.resting.clear();
    this.pause?.cancel();
    this.pause = null;
    for (const id of ids) this.sent.add(id);
  }

  /** Makes the difference between what is followed and what should be. */
  settle(): void {
    const desk = this.store.get();
    if (!this.line.isOpen || !desk.hasQueue) return;
    const wanted = toFollow(desk, desk.screen.openId);
    for (const id of desk.threads.keys()) if (!wanted.has(id)) this.leave(id);
    for (const id of wanted) if (this.isDue(id)) this.watch(id);
  }

  /** A heartbeat's answer names the highest numbers: notices what was lost without anything after it. */
  compare(tops: Positions): void {
    if (!this.behind(tops).length) return;
    this.clock.after(GAP_GRACE_MS, () => {
      for (const id of this.behind(tops)) this.doubt(id);
    });
  }

  /** What is held of it may not be the truth any more: asks again. */
  doubt(id: Id): void {
    this.doubted.add(id);
    this.settle();
  }

  /** The person wants it now: also where the answer was no, or did not come. */
  again(id: Id): void {
    this.rest(id, null);
    this.asked.delete(id);
    this.sent.delete(id);
    this.store.dispatch({ is: 'tried again', id });
    this.settle();
  }

  /** Whether to ask for it at this moment. The first of `toFollow` is the open one. */
  private isDue(id: Id): boolean {
    const desk = this.store.get();
    const places = id === desk.screen.openId ? AT_ONCE : AT_ONCE - 1;
    if (this.pause || this.underway >= places || this.asked.has(id) || this.resting.has(id)) return false;
    if (desk.screen.refused.has(id)) return false;
    return !this.sent.has(id) || this.doubted.has(id) || desk.threads.get(id)?.behind !== false;
  }

  private behind(tops: Positions): readonly Id[] {
    const { threads } = this.store.get();
    const isBehind = ([id, top]: readonly [Id, number]) => {
      const thread = threads.get(id);
      return thread !== undefined && top > positionOf(thread);
    };
    return tops.filter(isBehind).map(([id]) => id);
  }

  private watch(id: Id): void {
    const question = Symbol(id);
    this.asked.set(id, question);
    this.underway += 1;
    this.sent.add(id);
    this.doubted.delete(id);
    this.store.dispatch({ is: 'followed', id });
    const thread = this.store.get().threads.get(id);
    const position = thread ? positionOf(thread) : 0;
    const answered = (answer: ServerFrame | null) => {
      this.underway -= 1;
      this.answered(id, answer, this.asked.get(id) === question);
      this.settle();
    };
    this.line.ask({ type: 'Watch', conversation: id, position }).then(answered, () => answered(null));
  }

  private answered(id: Id, answer: ServerFrame | null, isAwaited: boolean): void {
    const isLater = answer?.type === 'Refused' && answer.then === 'retry';
    if (isLater) this.wait(answer.retryAfterMs ?? ASK_AGAIN_MS);
    if (!isAwaited) return;
    this.asked.delete(id);
    if (answer?.type === 'Snapshot') return;
    this.sent.delete(id);
    if (isLater) return;
    if (answer?.type === 'Refused') this.store.dispatch({ is: 'refused', id, refusal: refusalOf(answer) });
    // Without an answer it is not known whether the server follows; asking again does no harm.
    else this.rest(id, ASK_AGAIN_MS);
  }

  /** Asks nothing for so long; the latest time that the server named counts. */
  private wait(ms: number): void {
    const until = this.clock.now() + Math.max(ms, SHORTEST_PAUSE_MS);
    if (this.pause && this.pause.until >= until) return;
    this.pause?.cancel();
    const over = () => {
      this.pause = null;
      this.settle();
    };
    this.pause = { until, cancel: this.clock.after(until - this.clock.now(), over) };
  }

  /** Leaves a conversation alone for so long; null ends it. */
  private rest(id: Id, ms: number | null): void {
    this.resting.get(id)?.();
    this.resting.delete(id);
    if (ms === null) return;
    const over = () => {
      this.resting.delete(id);
      this.settle();
    };
    this.resting.set(id, this.clock.after(ms, over));
  }

  private leave(id: Id): void {
    this.asked.delete(id);
    this.rest(id, null);
    this.doubted.delete(id);
    this.store.dispatch({ is: 'forgotten', id });
    if (this.sent.delete(id)) this.line.tell({ type: 'Unwatch', conversation: id });
  }
}
