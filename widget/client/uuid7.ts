// UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then random bits.

import { idFromBytes } from './codec.ts';
import type { Id } from './frames.ts';
import type { World } from './world.ts';

export function uuid7(world: Pick<World, 'clock' | 'bytes'>): Id {
  const bytes = Uint8Array.from(world.bytes(16));
  const view = new DataView(bytes.buffer);
  const now = world.clock.now();
  view.setUint16(0, Math.floor(now / 2 ** 32));
  view.setUint32(2, now % 2 ** 32);
  view.setUint8(6, 0x70 | (view.getUint8(6) & 0x0f));
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
  return idFromBytes(bytes);
}
