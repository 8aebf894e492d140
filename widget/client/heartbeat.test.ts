import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualWorld } from '../test/world.ts';
import { Heartbeat } from './heartbeat.ts';

function begin(world: ManualWorld) {
  const seen: string[] = [];
  const heartbeat = new Heartbeat({
    world,
    beat: () => seen.push('beat'),
    silent: () => seen.push('silent'),
    doubt: (is) => seen.push(is ? 'doubt' : 'trust'),
  });
  return { heartbeat, seen };
}

test('the first beat comes after a random part of the interval, the others after all of it', async () => {
  const world = new ManualWorld();
  world.randoms = [0.3];
  const { heartbeat, seen } = begin(world);
  heartbeat.start(10_000);
  await world.pass(2_999);
  assert.deepEqual(seen, []);
  await world.pass(1);
  assert.deepEqual(seen, ['beat']);
  heartbeat.heard();
  await world.pass(10_000);
  assert.deepEqual(seen, ['beat', 'beat']);
});

test('twenty seconds without a frame are silence; one frame in between starts them anew', async () => {
  const world = new ManualWorld();
  const { heartbeat, seen } = begin(world);
  heartbeat.start(60_000);
  await world.pass(15_000);
  heartbeat.heard();
  await world.pass(19_999);
  assert.ok(!seen.includes('silent'));
  await world.pass(1);
  assert.ok(seen.includes('silent'));
});

test('after a sleep of the machine the peer is asked before it counts as gone', async () => {
  const world = new ManualWorld();
  const { heartbeat, seen } = begin(world);
  heartbeat.start(60_000);
  world.sleep(3_600_000);
  await world.pass(0);
  assert.ok(seen.includes('beat') && !seen.includes('silent'));
  heartbeat.heard();
  await world.pass(6_000);
  assert.ok(!seen.includes('silent'));
});

test('a probe that is not answered within five seconds is silence', async () => {
  const world = new ManualWorld();
  const { heartbeat, seen } = begin(world);
  heartbeat.start(60_000);
  await world.pass(100);
  heartbeat.probe();
  await world.pass(5_000);
  assert.deepEqual(seen, ['beat', 'doubt', 'silent']);
});

test('a probe without an answer is doubtful after three quarters of a second, until any frame comes', async () => {
  const world = new ManualWorld();
  const { heartbeat, seen } = begin(world);
  heartbeat.start(60_000);
  await world.pass(100);
  heartbeat.probe();
  await world.pass(749);
  assert.deepEqual(seen, ['beat']);
  await world.pass(1);
  assert.deepEqual(seen, ['beat', 'doubt']);
  await world.pass(1_000);
  heartbeat.heard();
  heartbeat.heard();
  await world.pass(5_000);
  assert.deepEqual(seen, ['beat', 'doubt', 'trust']);
});

test('a probe that is answered in time is never doubtful, however often the peer was asked', async () => {
  const world = new ManualWorld();
  const { heartbeat, seen } = begin(world);
  heartbeat.start(60_000);
  await world.pass(100);
  heartbeat.probe();
  await world.pass(100);
  heartbeat.probe();
  await world.pass(100);
  heartbeat.heard();
  await world.pass(3_000);
  assert.deepEqual(seen, ['beat', 'beat']);
});

test('a stopped heartbeat says nothing more', async () => {
  const world = new ManualWorld();
  const { heartbeat, seen } = begin(world);
  heartbeat.start(10_000);
  heartbeat.stop();
  heartbeat.probe();
  await world.pass(100_000);
  assert.deepEqual(seen, []);
});

test('a probe may be given less time', async () => {
  const world = new ManualWorld();
  const { heartbeat, seen } = begin(world);
  heartbeat.start(60_000);
  await world.pass(100);
  heartbeat.probe(300);
  await world.pass(299);
  assert.ok(!seen.includes('silent'));
  await world.pass(1);
  assert.ok(seen.includes('silent'));
});
