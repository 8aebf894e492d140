// How long to wait before connecting again (PROTOCOL.md, "Reconnecting"): full jitter, so that the clients of a
// restarted server do not all come back at the same moment.

const BASE_MS = 500;
const CAP_MS = 20_000;

/** A wait in milliseconds before the `attempt`-th try in a row (from 1): the first between 0 and 1 s. */
export function backoff(attempt: number, random: () => number): number {
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt);
}
