import assert from 'node:assert/strict';
import { test } from 'node:test';
import { greet, mine, welcomed } from '../test/agents.ts';
import { CONVERSATION, clientId, message, NEXT, snapshot, view } from '../test/frames.ts';
import { GRACE } from '../test/workplace.ts';
import type { ManualWorld } from '../test/world.ts';

const marks = (world: ManualWorld) => world.wire.all('Mark').map(({ received, read }) => [received, read]);

test('what waits has arrived; it is read once it was claimed and looked at', async () => {
  const { world, session } = await welcomed(view({ top: 1 }));
  session.open(CONVERSATION);
  session.reading.look(true);
  world.wire.says(
    snapshot({
      ref: world.wire.last('Watch').ref,
      conversation: view({ top: 1 }),
      messages: [message(1)],
    }),
  );
  assert.deepEqual(marks(world), [[1, 0]], 'looking at it tells its visitor nothing');
  session.reading.look(false);
  world.wire.says({
    type: 'ConversationChanged',
    ref: 0,
    conversation: view({ ...mine, top: 1, revision: 2 }),
  });
  session.reading.look(true);
  assert.deepEqual(marks(world).at(-1), [1, 1]);
});

test('what arrives while other things are on the screen is told once for each message', async () => {
  const { world } = await welcomed(view({ top: 1 }), view({ ...mine, conversation: NEXT }));
  await world.pass(1_000);
  const changed = { type: 'ConversationChanged', ref: 0, conversation: view({ top: 2 }) } as const;
  world.wire.says(changed);
  world.wire.says(changed);
  assert.deepEqual(marks(world), [
    [1, 0],
    [2, 0],
  ]);
});

test('a flood of visitors does not use up the frames of a connection: they are told a few at a time', async () => {
  const many = Array.from({ length: 20 }, (_, i) => view({ conversation: clientId(i), top: 1 }));
  const { world } = await welcomed(...many);
  assert.equal(marks(world).length, 8);
  await world.pass(999);
  assert.equal(marks(world).length, 8);
  await world.pass(1_001);
  assert.equal(marks(world).length, 20);
  await world.pass(5_000);
  assert.equal(marks(world).length, 20);
});

test('what was told may be lost with its connection, and is told again', async () => {
  const { world } = await welcomed(view({ top: 1 }));
  world.wire.hangsUp(1006);
  await world.pass(1_000);
  await greet(world, GRACE, view({ top: 1 }));
  assert.deepEqual(marks(world), [[1, 0]]);
});
