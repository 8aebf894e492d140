import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADA, CONVERSATION, message, messageFrame, NEXT, snapshot, view, welcome } from '../test/frames.ts';
import { begin, byAda, welcomed } from '../test/visits.ts';
import { memoryShelf, settle } from '../test/world.ts';
import { Kind, Role, State } from './frames.ts';
import { positionOf } from './thread.ts';
import { unreadOf } from './visitState.ts';

const ENDED = { kind: Kind.ENDED, role: Role.SYSTEM, author: null, body: '' } as const;

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

test('an ended conversation stays in view over a reconnect; starting over takes the next one', async () => {
  const { world, session, thread } = await welcomed();
  world.wire.says(messageFrame(message(1)));
  world.wire.says(messageFrame(message(2, ENDED)));
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

/** Loaded anew, with what the page before left in the browser. */
async function reloaded(before: ReturnType<typeof begin>) {
  const it = begin(memoryShelf(before.token.value), memoryShelf(), memoryShelf(before.place.value));
  it.session.start();
  await settle();
  it.world.wire.opens();
  return it;
}

test('what ended while no page was there is asked for whole, and its answer is unread', async () => {
  const before = await welcomed();
  before.session.send('Is it sent?', '');
  assert.equal(
    before.place.value,
    CONVERSATION,
    'kept before the message goes: the page may be left at once',
  );

  const { world, visit, thread } = await reloaded(before);
  const hello = world.wire.last('Hello');
  assert.deepEqual([hello.token, hello.conversation, hello.position], ['token', CONVERSATION, 0]);
  world.wire.says(welcome({ state: State.ENDED }));
  const conversation = view({ state: State.ENDED, top: 3 });
  world.wire.says(snapshot({ conversation, messages: [message(1), byAda(2), message(3, ENDED)] }));
  assert.deepEqual([thread().state, thread().messages.length, unreadOf(visit())], [State.ENDED, 3, 1]);
});

test('a conversation that was begun in another tab is kept as well, one that has not begun is not', async () => {
  const it = await welcomed();
  assert.equal(it.place.value, null);
  it.world.wire.says(messageFrame(message(1)));
  assert.equal(it.place.value, CONVERSATION);
});

test('an ended conversation is shown again at every reload, until the visitor starts over', async () => {
  const before = await welcomed();
  before.world.wire.says(messageFrame(message(1)));
  before.world.wire.says(messageFrame(message(2, ENDED)));
  const again = await reloaded(before);
  assert.equal(again.world.wire.last('Hello').conversation, CONVERSATION);
  again.world.wire.says(welcome({ state: State.ENDED }));
  again.world.wire.says(snapshot({ messages: [message(1), message(2, ENDED)] }));
  assert.equal(again.place.value, CONVERSATION);

  await again.world.pass(11_000);
  again.session.startOver();
  assert.equal(again.place.value, null);
  await settle();
  again.world.wire.opens();
  assert.equal(again.world.wire.last('Hello').conversation, null);
  again.world.wire.says(welcome({ conversation: NEXT }));
  again.session.send('Another question', '');
  assert.equal(again.place.value, NEXT);
});

test('a tab that shows the ended conversation does not bring back what another tab left', async () => {
  const { world, place } = await welcomed();
  world.wire.says(messageFrame(message(1)));
  world.wire.says(messageFrame(message(2, ENDED)));
  place.clear();
  world.wire.says({ type: 'Attendance', ref: 0, attended: false });
  world.wire.says(snapshot({ conversation: view({ state: State.ENDED }), messages: [], recovered: true }));
  assert.equal(place.value, null);
});

test('what was written before the welcome to a missed end waits there for the next conversation', async () => {
  const before = await welcomed();
  before.session.send('Is it sent?', '');
  const { world, session, visit, thread } = begin(
    memoryShelf('token'),
    memoryShelf(),
    memoryShelf(before.place.value),
  );
  session.start();
  session.send('Hello?', '');
  await settle();
  world.wire.opens();
  world.wire.says(welcome({ state: State.ENDED }));
  assert.equal(thread().id, CONVERSATION);
  await settle();
  const refusal = { code: 120, text: '', then: 'next', retryAfterMs: null, detail: NEXT } as const;
  world.wire.says({ type: 'Refused', ref: world.wire.last('Post').ref, ...refusal });
  await settle();
  const [draft] = visit().drafts;
  assert.equal(draft?.status.is, 'refused', 'for what is shown now was not seen by its writer');
  await world.pass(11_000);
  session.sendAnew(draft?.clientId ?? '');
  await settle();
  world.wire.opens();
  world.wire.says(welcome({ conversation: NEXT }));
  await settle();
  assert.equal(world.wire.last('Post').conversation, NEXT);
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

test('a line that does not answer when asked counts as away, and its messages still go out on it', async () => {
  const { world, session, visit } = await welcomed();
  await world.pass(100);
  session.nudge();
  await world.pass(750);
  const since = visit().awaySince;
  assert.equal(since, world.clock.now());
  session.send('Hello?', '');
  assert.equal(world.wire.all('Post').length, 1);
  await world.pass(1_000);
  assert.equal(visit().awaySince, since);
  world.wire.says({ type: 'Tops', ref: 1, positions: [] });
  assert.equal(visit().awaySince, null);
  assert.equal(world.wires.length, 1);
});
