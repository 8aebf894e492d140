import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kind, Role, State } from '../client/frames.ts';
import { begin, greet, mine, welcomed } from '../test/agents.ts';
import { ADA, CONVERSATION, message, messageFrame, NEXT, snapshot, view } from '../test/frames.ts';
import { GRACE } from '../test/workplace.ts';
import { settle } from '../test/world.ts';
import { SignedOut } from './agent.ts';

test('what is mine is watched as soon as the queue names it; what waits is not', async () => {
  const { world } = await welcomed(view(mine), view({ conversation: NEXT }));
  assert.deepEqual(
    world.wire.all('Watch').map(({ conversation, position }) => [conversation, position]),
    [[CONVERSATION, 0]],
  );
});

test('opening watches, opening another lets go of it again', async () => {
  const { world, session } = await welcomed(view(), view({ conversation: NEXT }));
  session.open(CONVERSATION);
  assert.equal(world.wire.last('Watch').conversation, CONVERSATION);
  session.open(NEXT);
  assert.equal(world.wire.last('Unwatch').conversation, CONVERSATION);
  assert.equal(world.wire.last('Watch').conversation, NEXT);
  session.open(CONVERSATION);
  assert.equal(world.wire.all('Watch').length, 3, 'going back at once watches anew');
});

test('a gap asks again, once, from the position that is held', async () => {
  const { world, session } = await welcomed(view(mine));
  const { ref } = world.wire.last('Watch');
  world.wire.says(snapshot({ ref, conversation: view(mine), messages: [message(1), message(2)] }));
  await settle();
  world.wire.says(messageFrame(message(5)));
  world.wire.says(messageFrame(message(6)));
  assert.equal(world.wire.all('Watch').length, 2);
  assert.equal(world.wire.last('Watch').position, 2);
  const recovered = [3, 4, 5, 6].map((seq) => message(seq));
  world.wire.says(
    snapshot({
      ref: world.wire.last('Watch').ref,
      recovered: true,
      messages: recovered,
      conversation: view(mine),
    }),
  );
  const thread = session.store.get().threads.get(CONVERSATION);
  assert.deepEqual(
    thread?.messages.map(({ seq }) => seq),
    [1, 2, 3, 4, 5, 6],
  );
});

test('a heartbeat that names a higher number asks for what is missing, after a moment of grace', async () => {
  const { world } = await welcomed(view(mine));
  world.wire.says(
    snapshot({ ref: world.wire.last('Watch').ref, conversation: view(mine), messages: [message(1)] }),
  );
  await settle();
  world.wire.says({ type: 'Tops', ref: 9, positions: [[CONVERSATION, 2]] });
  await world.pass(1_999);
  assert.equal(world.wire.all('Watch').length, 1);
  await world.pass(1);
  assert.equal(world.wire.last('Watch').position, 1);
});

test('a claim that a colleague won names the colleague', async () => {
  const { world, session } = await welcomed(view());
  const claimed = session.claim(CONVERSATION);
  assert.deepEqual([...session.store.get().screen.claiming], [CONVERSATION]);
  const { ref } = world.wire.last('Claim');
  const refused = { type: 'Refused', ref, code: 123, text: '', then: 'stop', retryAfterMs: null } as const;
  world.wire.says({ ...refused, detail: 'Ada Moreno' });
  assert.deepEqual(await claimed, { is: 'taken', by: 'Ada Moreno' });
  assert.equal(session.store.get().screen.claiming.size, 0);
});

test('a claim that is won follows the conversation', async () => {
  const { world, session } = await welcomed(view());
  const claimed = session.claim(CONVERSATION);
  world.wire.says({ type: 'Done', ref: world.wire.last('Claim').ref });
  assert.deepEqual(await claimed, { is: 'mine' });
  world.wire.says({ type: 'ConversationChanged', ref: 0, conversation: view({ ...mine, revision: 2 }) });
  assert.equal(world.wire.last('Watch').conversation, CONVERSATION);
});

test('after a loss the session comes back with its positions, and unaccepted texts go out again', async () => {
  const { world, session } = await welcomed(view(mine));
  world.wire.says(
    snapshot({ ref: world.wire.last('Watch').ref, conversation: view(mine), messages: [message(1)] }),
  );
  session.send(CONVERSATION, 'are you there?');
  const first = world.wire.last('Post');
  world.wire.hangsUp(1006);
  await world.pass(1_000);
  await greet(world, GRACE, view(mine));
  assert.deepEqual(world.wire.last('HelloAgent').positions, [[CONVERSATION, 1]]);
  assert.equal(world.wire.all('Watch').length, 0, 'the first frame followed it already');
  const again = world.wire.last('Post');
  assert.equal(again.clientId, first.clientId);
  const own = message(2, {
    clientId: again.clientId,
    role: Role.AGENT,
    author: GRACE.account,
    kind: Kind.TEXT,
  });
  world.wire.says(messageFrame(own));
  assert.equal(session.store.get().drafts.length, 0);
});

test('who was away says so with the first frame of the next connection', async () => {
  const { world, session } = await welcomed();
  assert.equal(world.wire.last('HelloAgent').available, true);
  session.available(false);
  world.wire.hangsUp(1006);
  await world.pass(1_000);
  await greet(world, { ...GRACE, available: false });
  assert.equal(world.wire.last('HelloAgent').available, false);
  assert.equal(world.wire.all('Availability').length, 0);
  assert.equal(session.store.get().me?.available, false);
});

test('who was away is away after a reload, until they take conversations again', async () => {
  const { session, away } = await welcomed();
  session.available(false);
  const reloaded = begin(undefined, away);
  reloaded.session.start();
  await greet(reloaded.world, { ...GRACE, available: false });
  assert.equal(reloaded.world.wire.last('HelloAgent').available, false);
  assert.equal(reloaded.session.store.get().me?.available, false);
  reloaded.session.available(true);
  assert.equal(away.value, null);
});

test('an availability that changes while the connection is made is said once it is open', async () => {
  const { world, session } = begin();
  session.start();
  await settle();
  session.available(false);
  await greet(world, GRACE);
  assert.equal(world.wire.last('Availability').available, false);
  assert.equal(session.store.get().me?.available, false);
});

test('an availability that comes too soon is said again when the server asked', async () => {
  const { world, session } = await welcomed();
  session.available(false);
  const { ref } = world.wire.last('Availability');
  const refused = { type: 'Refused', ref, code: 100, text: '', then: 'retry', detail: '' } as const;
  world.wire.says({ ...refused, retryAfterMs: 700 });
  await world.pass(700);
  assert.equal(world.wire.all('Availability').length, 2);
});

test('a sign-in that is over ends the session until somebody signs in again', async () => {
  const { world, session } = begin(async () => {
    throw new SignedOut();
  });
  session.start();
  await world.pass(60_000);
  const { line } = session.store.get();
  assert.equal(line.phase, 'gone');
  assert.equal(line.phase === 'gone' && line.closure.then, 'sign_in');
  assert.equal(world.wires.length, 0);
});

test('a conversation that the server does not show is marked as refused and not asked for again', async () => {
  const { world, session } = await welcomed();
  session.open(NEXT);
  const { ref } = world.wire.last('Watch');
  const refused = { type: 'Refused', ref, code: 121, text: '', then: 'stop', retryAfterMs: null } as const;
  world.wire.says({ ...refused, detail: '' });
  await world.pass(10_000);
  assert.equal(session.store.get().screen.refused.get(NEXT)?.code, 121);
  assert.equal(world.wire.all('Watch').length, 1);
});

test('a Watch that stays without an answer is asked again', async () => {
  const { world, session } = await welcomed();
  session.open(NEXT);
  await world.pass(13_000);
  assert.equal(world.wire.all('Watch').length, 2);
});

test('news is a visitor who starts to wait, or a text of a visitor of mine, and each only once', async () => {
  const { world, news } = await welcomed(view(mine), view({ ...mine, conversation: NEXT, agent: ADA }));
  world.wire.says(
    snapshot({ ref: world.wire.last('Watch').ref, conversation: view(mine), messages: [message(1)] }),
  );
  world.wire.says(messageFrame(message(2)));
  world.wire.says(messageFrame(message(2)));
  world.wire.says(messageFrame(message(3, { role: Role.AGENT, author: GRACE.account })));
  const third = '0192f0c1-7e1a-7c3d-9b5e-6f708192a3b9';
  const waiting = {
    type: 'ConversationChanged',
    ref: 0,
    conversation: view({ conversation: third }),
  } as const;
  world.wire.says(waiting);
  world.wire.says({ ...waiting, conversation: { ...waiting.conversation, revision: 2 } });
  assert.deepEqual(
    news.map((each) => each.is),
    ['message', 'waiting'],
  );
});

test('a refused text goes back into the composer before what is written there', async () => {
  const { session } = await welcomed(view(mine));
  session.wrote(CONVERSATION, 'and');
  session.compose(CONVERSATION, 'this');
  assert.equal(session.texts.get(CONVERSATION), 'this\nand');
});

test('what waits for a conversation that ended meanwhile is refused, all of it at once', async () => {
  const { world, session } = await welcomed(view(mine));
  world.wire.hangsUp(1006);
  for (const text of ['one', 'two', 'three']) session.send(CONVERSATION, text);
  await world.pass(1_000);
  await greet(world, GRACE, view({ ...mine, state: State.ENDED, revision: 9 }));
  assert.equal(world.wire.all('Post').length, 1, 'the first went out before the list came');
  const { ref } = world.wire.last('Post');
  const refused = { type: 'Refused', ref, code: 120, text: '', then: 'next', retryAfterMs: null } as const;
  world.wire.says({ ...refused, detail: '' });
  await settle();
  const codes = session.store
    .get()
    .drafts.map(({ status }) => (status.is === 'refused' ? status.refusal.code : status.is));
  assert.deepEqual(codes, [120, 120, 120]);
  assert.equal(world.wire.all('Post').length, 1);
});
