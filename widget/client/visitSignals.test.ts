import assert from 'node:assert/strict';
import { test } from 'node:test';
import { message, messageFrame, snapshot, typing, welcome } from '../test/frames.ts';
import { byAda, welcomed } from '../test/visits.ts';
import { State } from './frames.ts';
import { unreadOf } from './visitState.ts';

test('marks: received when it arrived, read when it is seen, each said once', async () => {
  const { world, session, visit } = await welcomed();
  world.wire.says(messageFrame(byAda(1)));
  assert.deepEqual([world.wire.last('Mark').received, world.wire.last('Mark').read], [1, 0]);
  assert.equal(unreadOf(visit()), 1);
  session.look(true);
  session.look(true);
  assert.equal(world.wire.last('Mark').read, 1);
  assert.equal(world.wire.all('Mark').length, 2);
  assert.equal(unreadOf(visit()), 0);
  session.look(false);
  world.wire.says(messageFrame(byAda(2)));
  assert.deepEqual([world.wire.last('Mark').received, world.wire.last('Mark').read], [2, 1]);
});

test('a mark that may be lost with the connection is said again', async () => {
  const { world, session } = await welcomed();
  session.look(true);
  world.wire.says(messageFrame(byAda(1)));
  world.wire.hangsUp(1006);
  await world.pass(500);
  world.wire.opens();
  world.wire.says(welcome({ state: State.ACTIVE }));
  world.wire.says(snapshot({ recovered: true }));
  assert.equal(world.wire.last('Mark').read, 1);
});

test('typing is said at most every three seconds, and stops when the message is sent', async () => {
  const { world, session } = await welcomed();
  world.wire.says(messageFrame(message(1)));
  for (const text of ['h', 'he', 'hel']) {
    session.typing.wrote(text);
    await world.pass(1_600);
  }
  assert.deepEqual(
    world.wire.all('Typing').map(({ on }) => on),
    [true, true],
  );
  session.send('hel', '');
  await world.pass(10_000);
  assert.deepEqual(
    world.wire.all('Typing').map(({ on }) => on),
    [true, true, false],
  );
});

test('typing stops when the field is emptied, or nothing more is written', async () => {
  const { world, session } = await welcomed();
  world.wire.says(messageFrame(message(1)));
  session.typing.wrote('h');
  session.typing.wrote('');
  session.typing.wrote('h');
  await world.pass(4_000);
  assert.deepEqual(
    world.wire.all('Typing').map(({ on }) => on),
    [true, false, true, false],
  );
});

test('the agent’s typing is forgotten after six seconds', async () => {
  const { world, thread } = await welcomed();
  world.wire.says(typing());
  assert.equal(thread().typing.length, 1);
  await world.pass(6_000);
  assert.equal(thread().typing.length, 0);
});
