import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONVERSATION, welcome } from '../test/frames.ts';
import { ManualWorld, settle } from '../test/world.ts';
import { Connection, type Line, Lost, SignedOut } from './connection.ts';
import type { ServerFrame } from './frames.ts';

const HELLO = {
  type: 'Hello',
  site: 'site',
  token: null,
  page: { url: '', title: '', referrer: '', language: '', timezone: '', screen: '' },
  conversation: null,
  position: 0,
} as const;

function begin(hello: () => typeof HELLO | Promise<typeof HELLO> = () => HELLO) {
  const world = new ManualWorld();
  const lines: Line[] = [];
  const frames: ServerFrame[] = [];
  const connection = new Connection({
    url: 'ws://gateway.example',
    world,
    hello,
    positions: () => [[CONVERSATION, 3]],
    onFrame: (frame) => frames.push(frame),
    onLine: (line) => lines.push(line),
  });
  const phases = () => lines.map(({ phase }) => phase);
  return { world, connection, lines, frames, phases };
}

/** Dials, opens and is welcomed. */
async function opened() {
  const it = begin();
  it.connection.start();
  await settle();
  it.world.wire.opens();
  it.world.wire.says(welcome());
  return it;
}

test('Hello is the first frame, and the line is open once it is answered', async () => {
  const { world, phases } = await opened();
  assert.deepEqual(
    world.wire.sent.map(({ type }) => type),
    ['Hello'],
  );
  assert.deepEqual(phases(), ['connecting', 'open']);
});

test('heartbeats carry the positions', async () => {
  const { world } = await opened();
  await world.pass(5_000);
  assert.deepEqual(world.wire.last('Beat').positions, [[CONVERSATION, 3]]);
});

test('an answer reaches its own question, and everything reaches onFrame first', async () => {
  const { world, connection, frames } = await opened();
  const first = connection.ask({ type: 'End', conversation: CONVERSATION });
  const second = connection.ask({ type: 'End', conversation: CONVERSATION });
  await settle();
  const [one, two] = world.wire.all('End').map(({ ref }) => ref);
  world.wire.says({ type: 'Done', ref: two ?? 0 });
  world.wire.says({
    type: 'Refused',
    ref: one ?? 0,
    code: 121,
    text: '',
    then: 'stop',
    retryAfterMs: null,
    detail: '',
  });
  assert.equal((await first).type, 'Refused');
  assert.equal((await second).type, 'Done');
  assert.deepEqual(
    frames.map(({ type }) => type),
    ['Welcome', 'Done', 'Refused'],
  );
});

test('a question without an answer is lost after its deadline', async () => {
  const { world, connection } = await opened();
  const answer = connection.ask({ type: 'End', conversation: CONVERSATION }, 5_000);
  const lost = assert.rejects(answer, Lost);
  await world.pass(5_000);
  await lost;
});

test('every question is lost with its connection, and at once when there is none', async () => {
  const { world, connection } = await opened();
  const answer = assert.rejects(connection.ask({ type: 'End', conversation: CONVERSATION }), Lost);
  await settle();
  world.wire.hangsUp(1006);
  await answer;
  await assert.rejects(connection.ask({ type: 'End', conversation: CONVERSATION }), Lost);
  assert.equal(connection.tell({ type: 'End', conversation: CONVERSATION }), false);
});

test('a loss is followed by a random wait that grows, and by Hello again', async () => {
  const { world, connection, lines } = await opened();
  world.wire.hangsUp(4000);
  const waits: number[] = [];
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const line = lines.at(-1);
    assert.ok(line?.phase === 'waiting');
    waits.push(line.retryAt - world.clock.now());
    await world.pass(waits.at(-1) ?? 0);
    world.wire.hangsUp(1006);
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000]);
  connection.stop();
});

test('a connection that held makes the next wait a short one', async () => {
  const { world, lines } = await opened();
  world.wire.hangsUp(1006);
  await world.pass(500);
  world.wire.opens();
  world.wire.says(welcome());
  await world.pass(11_000);
  world.wire.hangsUp(1006);
  const line = lines.at(-1);
  assert.ok(line?.phase === 'waiting');
  assert.equal(line.retryAt - world.clock.now(), 500);
});

test('Goodbye sets the wait', async () => {
  const { world, lines } = await opened();
  world.wire.says({ type: 'Goodbye', ref: 0, code: 4000, text: '', then: 'resume', afterMs: 7_000 });
  world.wire.hangsUp(4000);
  const line = lines.at(-1);
  assert.ok(line?.phase === 'waiting');
  assert.equal(line.retryAt - world.clock.now(), 7_000);
});

for (const code of [4500, 4501, 4502, 4503, 4529]) {
  test(`after ${code} the client stays away, whatever brings it back`, async () => {
    const { world, connection, lines } = await opened();
    world.wire.hangsUp(code);
    connection.nudge();
    await world.pass(120_000);
    const line = lines.at(-1);
    assert.ok(line?.phase === 'gone');
    assert.deepEqual([line.closure.code, line.closure.then], [code, 'stop']);
    assert.equal(world.wires.length, 1);
  });
}

test('4401 asks for a sign-in, and so does a Hello that finds none', async () => {
  const { world, lines } = await opened();
  world.wire.hangsUp(4401);
  const line = lines.at(-1);
  assert.ok(line?.phase === 'gone' && line.closure.then === 'sign_in');

  const signedOut = begin(() => Promise.reject(new SignedOut()));
  signedOut.connection.start();
  await settle();
  const gone = signedOut.lines.at(-1);
  assert.ok(gone?.phase === 'gone' && gone.closure.then === 'sign_in');
});

test('a ticket that cannot be fetched is tried again later', async () => {
  const { connection, phases, world } = begin(() => Promise.reject(new TypeError('network')));
  connection.start();
  await settle();
  assert.deepEqual(phases(), ['connecting', 'waiting']);
  await world.pass(500);
  assert.deepEqual(phases().slice(2), ['connecting', 'waiting']);
});

test('the network coming back ends the wait at once', async () => {
  const { world, connection } = await opened();
  world.wire.hangsUp(1006);
  connection.nudge();
  await settle();
  assert.equal(world.wires.length, 2);
});

test('twenty seconds of silence are a loss', async () => {
  const { world, phases } = await opened();
  await world.pass(20_000);
  assert.equal(phases().at(-1), 'waiting');
  assert.equal(world.wires[0]?.closedWith, 1000);
});

test('a socket that never opens is given up after ten seconds', async () => {
  const { world, connection, phases } = begin();
  connection.start();
  await world.pass(10_000);
  assert.deepEqual(phases(), ['connecting', 'waiting']);
});

for (const [what, data] of [
  ['bytes that are no frame', new Uint8Array([0xc1]).buffer],
  ['a text message', '[76,0]'],
] as const) {
  test(`${what}: the connection is given up, and tried again`, async () => {
    const { world, phases, frames } = await opened();
    world.wire.saysBytes(data);
    assert.equal(phases().at(-1), 'waiting');
    assert.equal(frames.length, 1);
  });
}

test('what an abandoned socket still says is not heard', async () => {
  const { world, connection, frames } = await opened();
  const old = world.wire;
  connection.stop();
  old.says(welcome());
  old.hangsUp(4500);
  assert.equal(frames.length, 1);
  connection.start();
  await settle();
  assert.equal(world.wires.length, 2);
});

test('starting over again and again waits longer each time, as after a loss', async () => {
  const { world, connection, phases } = await opened();
  connection.restart();
  assert.equal(phases().at(-1), 'waiting');
  await world.pass(500);
  world.wire.opens();
  world.wire.says(welcome());
  await world.pass(15_000);
  world.wire.says({ type: 'Tops', ref: 0, positions: [] });
  connection.restart();
  assert.equal(phases().at(-1), 'connecting');
});
