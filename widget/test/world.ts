// A World for tests: time moves when told, sockets do what the test says, randomness is fixed.

import { decodeClient, encode } from '../client/codec.ts';
import type { ClientFrame, ServerFrame } from '../client/frames.ts';
import type { Shelf } from '../client/shelf.ts';
import type { Wire, World } from '../client/world.ts';

/** The peer's side of a connection. */
export class FakeWire implements Wire {
  binaryType = '';
  onopen: Wire['onopen'] = null;
  onmessage: Wire['onmessage'] = null;
  onclose: Wire['onclose'] = null;
  onerror: Wire['onerror'] = null;
  readonly sent: ClientFrame[] = [];
  closedWith: number | undefined;

  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.sent.push(decodeClient(bytes));
  }

  close(code?: number): void {
    this.closedWith = code ?? 1005;
  }

  /** The handshake is done. */
  opens(): void {
    this.onopen?.(undefined as never);
  }

  says(frame: ServerFrame): void {
    this.onmessage?.({ data: encode(frame).slice().buffer });
  }

  saysBytes(data: unknown): void {
    this.onmessage?.({ data });
  }

  hangsUp(code: number): void {
    this.onclose?.({ code, reason: '' });
  }

  /** The frames of one type that were sent here. */
  all<T extends ClientFrame['type']>(type: T): readonly Extract<ClientFrame, { type: T }>[] {
    return this.sent.filter((frame): frame is Extract<ClientFrame, { type: T }> => frame.type === type);
  }

  /** The last frame of one type; fails the test if there is none. */
  last<T extends ClientFrame['type']>(type: T): Extract<ClientFrame, { type: T }> {
    const frame = this.all(type).at(-1);
    if (!frame) throw new Error(`no ${type} was sent`);
    return frame;
  }
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class ManualWorld implements World {
  readonly wires: FakeWire[] = [];
  /** What random() gives next; stays at its last value. */
  randoms: number[] = [0.5];
  private time = 1_767_225_600_000;
  private order = 0;
  private timers: readonly Timer[] = [];

  readonly clock = {
    now: () => this.time,
    after: (ms: number, run: () => void) => {
      this.order += 1;
      const timer = { at: this.time + ms, order: this.order, run };
      this.timers = [...this.timers, timer];
      return () => {
        this.timers = this.timers.filter((it) => it !== timer);
      };
    },
  };

  random = (): number => (this.randoms.length > 1 ? (this.randoms.shift() ?? 0) : (this.randoms[0] ?? 0));

  bytes = (count: number): Uint8Array => {
    this.order += 1;
    return Uint8Array.from({ length: count }, (_, i) => (this.order * 31 + i * 7) % 256);
  };

  dial = (): FakeWire => {
    const wire = new FakeWire();
    this.wires.push(wire);
    return wire;
  };

  /** The socket dialled last. */
  get wire(): FakeWire {
    const wire = this.wires.at(-1);
    if (!wire) throw new Error('nothing was dialled');
    return wire;
  }

  /** Lets `ms` go by: timers run in order, and promises settle after each. */
  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (let next = this.due(end); next; next = this.due(end)) {
      this.time = Math.max(this.time, next.at);
      this.timers = this.timers.filter((it) => it !== next);
      next.run();
      await settle();
    }
    this.time = end;
  }

  /** Time jumps without a timer running, as when a laptop sleeps. */
  sleep(ms: number): void {
    this.time += ms;
  }

  private due(end: number): Timer | undefined {
    return this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }
}

/** Runs what promises left to do. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

export function memoryShelf(value: string | null = null): Shelf & { value: string | null } {
  return {
    value,
    get() {
      return this.value;
    },
    set(next) {
      this.value = next;
    },
    clear() {
      this.value = null;
    },
  };
}

/** The part of Storage that is used, its entries being its own properties as in a browser. */
export class FakeStorage {
  [name: string]: unknown;

  getItem(name: string): string | null {
    return (this[name] as string | undefined) ?? null;
  }

  setItem(name: string, value: string): void {
    this[name] = value;
  }

  removeItem(name: string): void {
    delete this[name];
  }

  names(): readonly string[] {
    return Object.keys(this);
  }
}

interface Wish {
  readonly tab: string;
  readonly name: string;
  readonly run: () => unknown;
}

/** Web Locks of several tabs: each lock goes to one at a time, first come first served, and closing a tab frees its. */
export class FakeLocks {
  private held: readonly Wish[] = [];
  private waiting: readonly Wish[] = [];

  /** navigator.locks as `tab` sees it. */
  of(tab: string) {
    return {
      request: (name: string, run: () => unknown): Promise<unknown> => {
        this.waiting = [...this.waiting, { tab, name, run }];
        this.grant();
        return new Promise(() => {});
      },
    };
  }

  close(tab: string): void {
    this.held = this.held.filter((it) => it.tab !== tab);
    this.waiting = this.waiting.filter((it) => it.tab !== tab);
    this.grant();
  }

  private grant(): void {
    const next = this.waiting.find(({ name }) => !this.held.some((it) => it.name === name));
    if (!next) return;
    this.waiting = this.waiting.filter((it) => it !== next);
    this.held = [...this.held, next];
    void Promise.resolve()
      .then(next.run)
      .then(() => {
        this.held = this.held.filter((it) => it !== next);
        this.grant();
      });
    this.grant();
  }
}
