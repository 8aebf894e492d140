// Why a connection ended, and what follows (PROTOCOL.md, "Closures").

import type { Goodbye } from './frames.ts';

export type Then = 'resume' | 'sign_in' | 'stop';

export interface Closure {
  readonly code: number;
  readonly text: string;
  readonly then: Then;
  /** What the server asked to wait before coming back, in milliseconds; 0 if it said nothing. */
  readonly afterMs: number;
}

/** From this code on the server wants the client to stay away. */
const STAY_AWAY = 4500;
const SIGNED_OUT = 4401;

function thenOf(code: number): Then {
  if (code >= STAY_AWAY) return 'stop';
  return code === SIGNED_OUT ? 'sign_in' : 'resume';
}

/** The closure that a close code means, with what the server's Goodbye said before it, if it did. */
export function closureOf(code: number, goodbye: Goodbye | null): Closure {
  const known = goodbye ?? { code, text: '', afterMs: 0 };
  return { code: known.code, text: known.text, then: thenOf(known.code), afterMs: known.afterMs };
}
