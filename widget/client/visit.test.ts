import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADA, CONVERSATION, message, messageFrame, NEXT, snapshot, welcome } from '../test/frames.ts';
import { ManualWorld, memoryShelf, settle } from '../test/world.ts';
import { Kind, type MessageView, Role, State } from './frames.ts';
import { positionOf } from './thread.ts';
import { VisitorSession } from './visit.ts';
import { unreadOf } from './visitState.ts';

const PAGE = {
  url: 'https://shop.example/',
  title: '',
  referrer: '',
  language: '',
  timezone: '',
  screen: '',
};

function begin(token = memoryShelf(), drafts = memoryShelf()) {
  const world = new ManualWorld();
  const session = new VisitorSession({
    world,
    gateway: 'ws://gateway.example',
    site: 'site',
    page: () => PAGE,
    token,
    drafts,
  });
  const visit = () => session.store.get();
  const thread = () => visit().thread ?? assert.fail('no conversation yet');
  return { world, session, visit, thread, token, drafts };
}

async function welcomed(fields: Parameters<typeof welcome>[0] = {}) {
  const it = begin();
  it.session.start();
  await settle();
  it.world.wire.opens();
  it.world.wire.says(welcome(fields));
  await settle();
  return it;
}

const byAda = (seq: number): MessageView => message(seq, { role: Role.AGENT, author: ADA.account });

test('the first visit has no token and no position, and keeps none until something is written', async () => {
  const { world, token, visit, session } = await welcomed();
  const hello = world.wire.last('Hello');
  assert.deepEqual([hello.token, hello.conversation, hello.position], [null, null, 0]);
  assert.equal(visit().site?.name, 'Fern & Oak');
  assert.equal(token.value, null);
  session.send('hello', '');
  assert.equal(token.value, 'token');
});

test('a reload comes back with the token and shows the conversation', async () => {
  const { world, session, thread } = begin(memoryShelf('token'));
  session.start();
  await settle();
  world.wire.opens();
  assert.equal(world.wire.last('Hello').token, 'token');
  world.wire.says(welcome({ state: State.ACTIVE }));
  world.wire.says(snapshot({ messages: [message(1), byAda(2)], people: [ADA] }));
  assert.equal(positionOf(thread()), 2);
});

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

test('a loss before anything is written does not make another visitor', async () => {
  const { world, token } = await welcomed();
  world.wire.hangsUp(1006);
  await world.pass(500);
  world.wire.opens();
  assert.deepEqual([world.wire.last('Hello').token, token.value], ['token', null]);
});

test('what is written in another tab of this visitor shows here', async () => {
  const { world, thread } = await welcomed();
  world.wire.says(messageFrame(message(1)));
  assert.equal(thread().messages[0]?.body, 'text 1');
});

test('how a message was written goes with it: time since the first display, and the decoy', async () => {
  const { world, session } = await welcomed();
  await world.pass(4_200);
  session.send('hello', 'x'.repeat(300));
  await settle();
  assert.deepEqual(world.wire.last('Post').conduct, { elapsedMs: 4_200, decoy: 'x'.repeat(256) });
});

test('a gap connects again and asks from the last number held', async () => {
  const { world } = await welcomed();
  world.wire.says(messageFrame(message(1)));
  await world.pass(11_000);
  world.wire.says(messageFrame(message(3)));
  await settle();
  assert.equal(world.wires.length, 2);
  world.wire.opens();
  assert.equal(world.wire.last('Hello').position, 1);
});

test('a higher top is a gap only if the message does not come within two seconds', async () => {
  const { world } = await welcomed();
  world.wire.says(messageFrame(message(1)));
  await world.pass(11_000);
  const tops = (top: number) => world.wire.says({ type: 'Tops', ref: 0, positions: [[CONVERSATION, top]] });
  tops(2);
  world.wire.says(messageFrame(message(2)));
  await world.pass(2_000);
  assert.equal(world.wires.length, 1);
  tops(3);
  await world.pass(2_000);
  assert.equal(world.wires.length, 2);
});

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
  world.wire.says({
    type: 'TypingNow',
    ref: 0,
    conversation: CONVERSATION,
    role: Role.AGENT,
    author: ADA.account,
    on: true,
  });
  assert.equal(thread().typing.length, 1);
  await world.pass(6_000);
  assert.equal(thread().typing.length, 0);
});

test('an ended conversation stays in view over a reconnect; starting over takes the next one', async () => {
  const { world, session, thread } = await welcomed();
  world.wire.says(messageFrame(message(1)));
  const ended = { kind: Kind.ENDED, role: Role.SYSTEM, author: null, body: '' } as const;
  world.wire.says(messageFrame(message(2, ended)));
  await world.pass(11_000);
  world.wire.says({ type: 'Tops', ref: 0, positions: [] });
  world.wire.hangsUp(4000);
  await world.pass(1_000);
  world.wire.opens();
  world.wire.says(welcome({ conversation: NEXT }));
  assert.equal(thread().id, CONVERSATION);
  await world.pass(11_000);
  session.startOver();
  await settle();
  world.wire.opens();
  assert.equal(world.wire.last('Hello').conversation, null);
  world.wire.says(welcome({ conversation: NEXT }));
  assert.deepEqual([thread().id, thread().messages.length], [NEXT, 0]);
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

test('older messages are asked for once at a time, before the first one held', async () => {
  const { world, session, thread } = await welcomed({ state: State.ACTIVE });
  world.wire.says(snapshot({ messages: [message(41), message(42)], more: true }));
  void session.older();
  void session.older();
  await settle();
  assert.equal(world.wire.all('History').length, 1);
  const { ref, before } = world.wire.last('History');
  assert.equal(before, 41);
  world.wire.says(snapshot({ ref, messages: [message(39), message(40)], more: true }));
  await settle();
  assert.equal(thread().messages[0]?.seq, 39);
  void session.older();
  await settle();
  assert.equal(world.wire.last('History').before, 39);
});

test('Introduce answers with nothing, with a refusal, or with a loss', async () => {
  const { world, session } = await welcomed();
  const done = session.introduce('Ada', 'ada@shop.example');
  await settle();
  world.wire.says({ type: 'Done', ref: world.wire.last('Introduce').ref });
  assert.equal(await done, null);
  const refused = session.introduce('', 'no');
  await settle();
  const { ref } = world.wire.last('Introduce');
  world.wire.says({
    type: 'Refused',
    ref,
    code: 113,
    text: '',
    then: 'edit',
    retryAfterMs: null,
    detail: '',
  });
  assert.equal((await refused)?.code, 113);
  world.wire.hangsUp(1006);
  assert.equal((await session.introduce('', 'x@y.z'))?.code, 0);
});

test('two tabs opened at once become one visitor, unless something was said here', async () => {
  const { world, session } = await welcomed();
  await world.pass(11_000);
  session.adopt('of the other tab');
  await world.pass(1_000);
  world.wire.opens();
  assert.equal(world.wire.last('Hello').token, 'of the other tab');
  session.adopt('a third');
  await world.pass(1_000);
  assert.equal(world.wires.length, 2, 'it is adopted once: two tabs would chase each other');

  const talking = await welcomed();
  talking.world.wire.says(messageFrame(message(1)));
  talking.session.adopt('of the other tab');
  assert.equal(talking.world.wires.length, 1);
});

test('attendance changes what the panel says', async () => {
  const { world, visit } = await welcomed();
  world.wire.says({ type: 'Attendance', ref: 0, attended: false });
  assert.equal(visit().attended, false);
});

test('how long the line has been away is known, for a notice that does not flicker', async () => {
  const { world, visit } = await welcomed();
  assert.equal(visit().awaySince, null);
  world.wire.hangsUp(1006);
  const since = visit().awaySince;
  assert.equal(since, world.clock.now());
  await world.pass(5_000);
  assert.equal(visit().awaySince, since);
});
