import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { ManualWorld } from '../../test/world.ts';
import { createReaching, type Reaching } from './reaching.ts';

let world: ManualWorld;
let shown: string[];
let told: string[];
let reaching: Reaching;

beforeEach(() => {
  world = new ManualWorld();
  shown = [];
  told = [];
  reaching = createReaching({
    clock: world.clock,
    random: world.random,
    show: (page) => shown.push(page),
    tell: (reach) => told.push(reach),
  });
});

test('nothing is loaded before the visitor wants it, however often the network comes back', async () => {
  reaching.nudge();
  await world.pass(60_000);
  assert.deepEqual([shown, told], [[], []]);
});

test('a panel that reports is here, and is loaded once', async () => {
  reaching.begin();
  reaching.begin();
  reaching.loaded();
  await world.pass(300);
  reaching.reported();
  reaching.nudge();
  await world.pass(120_000);
  assert.deepEqual([shown, told], [['panel'], ['loading', 'here']]);
});

test('a frame that loads slowly is told of and left to load', async () => {
  reaching.begin();
  await world.pass(3_999);
  assert.deepEqual(told, ['loading']);
  await world.pass(1);
  assert.deepEqual(told, ['loading', 'trying']);
  await world.pass(8_000);
  reaching.loaded();
  reaching.reported();
  await world.pass(120_000);
  assert.deepEqual([shown, told], [['panel'], ['loading', 'trying', 'here']]);
});

test('what loads and says nothing is asked why, and loaded again after a random wait', async () => {
  reaching.begin();
  reaching.loaded();
  await world.pass(1_500);
  assert.deepEqual(shown, ['panel', 'panel/why']);
  reaching.loaded();
  await world.pass(1_500);
  assert.deepEqual(told, ['loading', 'trying']);
  await world.pass(499);
  assert.equal(shown.length, 2);
  await world.pass(1); // half of at most one second
  assert.deepEqual(shown, ['panel', 'panel/why', 'panel']);
  reaching.loaded();
  reaching.reported();
  assert.equal(told.at(-1), 'here');
});

test('the waits grow, up to twenty seconds', async () => {
  world.randoms = [0.999_999];
  reaching.begin();
  const waits: number[] = [];
  for (let round = 0; round < 8; round += 1) {
    for (const _ of ['panel', 'panel/why']) {
      reaching.loaded();
      await world.pass(1_500);
    }
    const [before, asked] = [world.clock.now(), shown.length];
    while (shown.length === asked) await world.pass(10);
    waits.push(Math.round((world.clock.now() - before) / 100) / 10);
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 20, 20, 20]);
});

test('a frame that never loads is given up after fifteen seconds', async () => {
  reaching.begin();
  await world.pass(14_999);
  assert.deepEqual(shown, ['panel']);
  await world.pass(501);
  assert.deepEqual(shown, ['panel', 'panel']);
});

test('when the network comes back it is tried at once', async () => {
  world.randoms = [0.999_999];
  reaching.begin();
  for (const _ of ['panel', 'panel/why']) {
    reaching.loaded();
    await world.pass(1_500);
  }
  reaching.nudge();
  assert.deepEqual(shown, ['panel', 'panel/why', 'panel']);
  await world.pass(14_000); // the wait that was interrupted does not load it a second time
  assert.equal(shown.length, 3);
});

test('a panel that may not stand here is not tried again', async () => {
  reaching.begin();
  reaching.answered(true); // nobody was asked yet
  reaching.loaded();
  await world.pass(1_500);
  reaching.answered(true);
  reaching.nudge();
  await world.pass(120_000);
  assert.deepEqual(
    [shown, told],
    [
      ['panel', 'panel/why'],
      ['loading', 'refused'],
    ],
  );
});

test('a panel that may stand here is tried again', async () => {
  reaching.begin();
  reaching.loaded();
  await world.pass(1_500);
  reaching.answered(false);
  assert.deepEqual(told, ['loading', 'trying']);
  await world.pass(500);
  assert.deepEqual(shown, ['panel', 'panel/why', 'panel']);
});
