import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualWorld } from '../test/world.ts';
import { uuid7 } from './uuid7.ts';

test('the example of RFC 9562, appendix A.6, comes out as printed there', () => {
  const bytes = Uint8Array.from([
    0, 0, 0, 0, 0, 0, 0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f,
  ]);
  const world = { clock: { now: () => 0x017f22e279b0, after: () => () => {} }, bytes: () => bytes };
  assert.equal(uuid7(world), '017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
});

test('ids made later sort later', async () => {
  const world = new ManualWorld();
  const first = uuid7(world);
  await world.pass(1);
  assert.ok(uuid7(world) > first);
});
