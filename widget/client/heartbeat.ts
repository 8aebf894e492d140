// Our own heartbeats (browsers hide WebSocket's pings): says "alive" in time, and notices a peer that went silent.

import type { Cancel, World } from './world.ts';

/** A client that has heard nothing for so long connects again (PROTOCOL.md, "Heartbeat"). */
export const SILENCE_MS = 20_000;
/** How long the answer to a probe may take before the connection counts as dead. */
const PROBE_MS = 5_000;
/** After so long without an answer to a probe nobody should be told that all is well. */
const DOUBT_MS = 750;
/** A timer this late means that the browser slept or throttled us: the silence is ours, not the peer's. */
const LATE_MS = 2_000;

export interface HeartbeatOptions {
  readonly world: World;
  beat(): void;
  silent(): void;
  /** A probe found no answer yet (true); a sign of life came after all (false). */
  doubt(is: boolean): void;
}

export class Heartbeat {
  private heardAt = 0;
  private cancelBeat: Cancel | null = null;
  private cancelWatch: Cancel | null = null;
  private cancelDoubt: Cancel | null = null;
  private isDoubtful = false;
  private readonly options: HeartbeatOptions;

  constructor(options: HeartbeatOptions) {
    this.options = options;
  }

  /** Begins; the first beat comes after a random part of the interval, so that clients do not beat in step. */
  start(intervalMs: number): void {
    this.stop();
    this.heard();
    this.schedule(this.options.world.random() * intervalMs, intervalMs);
    this.watch(SILENCE_MS);
  }

  stop(): void {
    this.cancelBeat?.();
    this.cancelWatch?.();
    this.cancelDoubt?.();
    this.cancelBeat = this.cancelWatch = this.cancelDoubt = null;
    this.isDoubtful = false;
  }

  /** Any frame is a sign of life. */
  heard(): void {
    this.heardAt = this.options.world.clock.now();
    this.cancelDoubt?.();
    if (this.isDoubtful) this.options.doubt(false);
    this.isDoubtful = false;
  }

  /** Asks for a sign of life now, and gives it a few seconds, or `ms`. */
  probe(ms = PROBE_MS): void {
    if (!this.cancelBeat) return;
    this.options.beat();
    this.cancelWatch?.();
    this.cancelDoubt?.();
    this.cancelDoubt = this.options.world.clock.after(DOUBT_MS, () => {
      if (!this.isDoubtful) this.options.doubt(true);
      this.isDoubtful = true;
    });
    const asked = this.options.world.clock.now();
    this.cancelWatch = this.options.world.clock.after(ms, () => {
      if (this.heardAt < asked) this.options.silent();
      else this.watch(SILENCE_MS);
    });
  }

  private schedule(ms: number, intervalMs: number): void {
    this.cancelBeat = this.options.world.clock.after(ms, () => {
      this.schedule(intervalMs, intervalMs);
      this.options.beat();
    });
  }

  private watch(ms: number): void {
    const { clock } = this.options.world;
    const due = clock.now() + ms;
    this.cancelWatch = clock.after(ms, () => {
      const left = this.heardAt + SILENCE_MS - clock.now();
      if (left > 0) this.watch(left);
      else if (clock.now() - due > LATE_MS) this.probe();
      else this.options.silent();
    });
  }
}
