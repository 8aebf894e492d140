// What the client needs from outside, as arguments: time, randomness and sockets. Browsers have it in browser.ts,
// tests in test/world.ts; so everything else here runs anywhere and never waits in a test.

export type Cancel = () => void;

export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Runs once after `ms`, unless cancelled. */
  after(ms: number, run: () => void): Cancel;
}

/** The part of WebSocket that is used. */
export interface Wire {
  binaryType: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
}

export interface World {
  readonly clock: Clock;
  /** From 0 to below 1. */
  random(): number;
  /** Unpredictable bytes. */
  bytes(count: number): Uint8Array;
  dial(url: string, subprotocol: string): Wire;
}
