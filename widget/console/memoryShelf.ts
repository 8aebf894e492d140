// A shelf that forgets with the page. What agents write is plain text about a visitor: it must not reach the disk.

import type { Shelf } from '../client/shelf.ts';

export function memoryShelf(): Shelf {
  let kept: string | null = null;
  return {
    get: () => kept,
    set(value) {
      kept = value;
    },
    clear() {
      kept = null;
    },
  };
}
