import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AT, CONVERSATION, message, messageFrame, NEXT, welcome } from '../test/frames.ts';
import { begin, byAda, greeted, welcomed } from '../test/visits.ts';
import { settle } from '../test/world.ts';
import { Kind, Role, State } from './frames.ts';

test('after a loss Hello carries the position, and the draft goes out again', async () => {
  const { world, session } = await welcomed();
  session.send('hello', '');
  await settle();
  const first = world.wire.last('Post');
  world.wire.says(messageFrame(byAda(1)));
  world.wire.hangsUp(1006);
  await world.pass(500);
  world.wire.opens();
  const hello = world.wire.last('Hello');
  assert.deepEqual([hello.conversation, hello.position], [CONVERSATION, 1]);
  world.wire.says(welcome({ state: State.WAITING }));
  await settle();
  assert.equal(world.wire.last('Post').clientId, first.clientId);
});

test('how a message was written goes with it: time since the first display, and the decoy', async () => {
  const { world, session } = await welcomed();
  await world.pass(4_200);
  session.send('hello', 'x'.repeat(300));
  await settle();
  assert.deepEqual(world.wire.last('Post').conduct, { elapsedMs: 4_200, decoy: 'x'.repeat(256) });
});

test('what an ended conversation refused can open the next one', async () => {
  const { world, session, visit } = await welcomed();
  session.send('one more thing', '');
  await settle();
  const { ref, clientId } = world.wire.last('Post');
  const ended = { code: 120, text: '', then: 'next', retryAfterMs: null, detail: NEXT };
  world.wire.says({ type: 'Refused', ref, ...ended });
  await world.pass(11_000);
  session.sendAnew(visit().drafts[0]?.clientId ?? '');
  await world.pass(1_000);
  world.wire.opens();
  world.wire.says(welcome({ conversation: NEXT }));
  await settle();
  const again = world.wire.last('Post');
  assert.deepEqual([again.conversation, again.text], [NEXT, 'one more thing']);
  assert.notEqual(again.clientId, clientId);
});

/** The agent ends the conversation while a text of the visitor's is held back. */
async function endedWhileHeld() {
  const it = await welcomed();
  it.world.wire.says(messageFrame(message(1)));
  it.session.send('too fast', '');
  await settle();
  const { ref } = it.world.wire.last('Post');
  const limited = { code: 100, text: '', then: 'retry', retryAfterMs: 20_000, detail: '' };
  it.world.wire.says({ type: 'Refused', ref, ...limited });
  await settle();
  const body = { kind: Kind.ENDED, role: Role.SYSTEM, author: null, body: '' };
  it.world.wire.says(messageFrame(message(2, body)));
  return it;
}

test('what was held back when the conversation ended can open the next one at once', async () => {
  const { world, session, visit } = await endedWhileHeld();
  const [draft] = visit().drafts;
  assert.ok(draft?.status.is === 'refused' && draft.status.refusal.then === 'next');
  await world.pass(11_000);
  session.sendAnew(draft.clientId);
  await world.pass(1_000);
  world.wire.opens();
  assert.equal(world.wire.last('Hello').conversation, null);
  world.wire.says(welcome({ conversation: NEXT }));
  await settle();
  assert.deepEqual([world.wire.last('Post').conversation, world.wire.last('Post').text], [NEXT, 'too fast']);
  assert.equal(visit().thread?.id, NEXT);
});

test('a second one follows into the conversation that the first one opened', async () => {
  const { world, session, visit } = await welcomed();
  world.wire.says(messageFrame(message(1)));
  session.send('one', '');
  session.send('two', '');
  await settle();
  const limited = { code: 100, text: '', then: 'retry', retryAfterMs: 20_000, detail: '' };
  world.wire.says({ type: 'Refused', ref: world.wire.last('Post').ref, ...limited });
  await settle();
  const body = { kind: Kind.ENDED, role: Role.SYSTEM, author: null, body: '' };
  world.wire.says(messageFrame(message(2, body)));
  const [one, two] = visit().drafts.map(({ clientId }) => clientId);
  session.sendAnew(one ?? '');
  await world.pass(1_000);
  world.wire.opens();
  world.wire.says(welcome({ conversation: NEXT }));
  await settle();
  const dialled = world.wires.length;
  session.sendAnew(two ?? '');
  assert.equal(visit().drafts.at(-1)?.conversation, NEXT);
  assert.equal(world.wires.length, dialled, 'it is the present conversation: nobody has to be asked for it');
});

test('what is written before the greeting waits, and goes by itself once the conversation is named', async () => {
  const it = begin();
  const { world, session, visit } = it;
  session.send('good morning', '');
  session.send('are you there?', '');
  assert.deepEqual(
    visit().drafts.map(({ text, status }) => [text, status.is]),
    [
      ['good morning', 'waiting'],
      ['are you there?', 'waiting'],
    ],
  );
  await greeted(it);
  const first = world.wire.last('Post');
  assert.deepEqual([first.conversation, first.text], [CONVERSATION, 'good morning']);
  world.wire.says({
    type: 'Accepted',
    ref: first.ref,
    conversation: CONVERSATION,
    clientId: first.clientId,
    seq: 1,
    at: AT,
  });
  await settle();
  assert.equal(world.wire.last('Post').text, 'are you there?');
  assert.equal(it.token.value, 'token', 'who wrote is known after a reload');
});

test('what is written before the greeting outlives a reload that comes before it', async () => {
  const before = begin();
  before.session.send('good morning', '');
  const it = await greeted(begin(before.token, before.drafts));
  assert.equal(it.world.wire.last('Post').conversation, CONVERSATION);
  assert.equal(it.world.wire.last('Post').text, 'good morning');
});

test('what a closed tab left is sent here, but for what has arrived already', async () => {
  const closed = begin();
  closed.session.send('before any greeting', '');
  closed.session.send('arrived', '');
  const [open, done] = closed.visit().drafts;
  assert.ok(open && done);
  const { world, session, token, visit } = await welcomed();
  world.wire.says(messageFrame(message(1, { clientId: done.clientId })));
  session.inherit([done]);
  assert.deepEqual([visit().drafts, token.value], [[], null]);
  session.inherit([open, done]);
  const posts = world.wire.all('Post');
  assert.deepEqual(
    posts.map(({ clientId, conversation }) => [clientId, conversation]),
    [[open.clientId, CONVERSATION]],
  );
  assert.equal(token.value, 'token', 'after a reload its draft is still this visitor’s');
});
