// Pairs answers with questions by their ref. Every question ends: with its answer, or with Lost.

import type { ServerFrame } from './frames.ts';
import type { Cancel, Clock } from './world.ts';

/** No answer came: the connection went away, or the deadline passed. The question may have been carried out. */
export class Lost extends Error {
  override readonly name = 'Lost';
}

interface Open {
  readonly resolve: (answer: ServerFrame) => void;
  readonly reject: (lost: Lost) => void;
  readonly cancel: Cancel;
}

export class Questions {
  private last = 0;
  private readonly open = new Map<number, Open>();
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The next ref; 0 is never given, since it asks for no answer. */
  next(): number {
    this.last = (this.last % 0xffff_ffff) + 1;
    return this.last;
  }

  wait(ref: number, deadlineMs: number): Promise<ServerFrame> {
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(deadlineMs, () => {
        this.open.delete(ref);
        reject(new Lost('no answer in time'));
      });
      this.open.set(ref, { resolve, reject, cancel });
    });
  }

  answer(frame: ServerFrame): void {
    const question = this.open.get(frame.ref);
    if (!question) return;
    this.open.delete(frame.ref);
    question.cancel();
    question.resolve(frame);
  }

  /** The connection is gone, and with it every answer. */
  lose(): void {
    for (const question of this.open.values()) {
      question.cancel();
      question.reject(new Lost('the connection was lost'));
    }
    this.open.clear();
  }
}
