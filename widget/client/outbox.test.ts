import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AT, CONVERSATION, message, NEXT } from '../test/frames.ts';
import { catalogue } from '../test/specification.ts';
import { ManualWorld, memoryShelf, settle } from '../test/world.ts';
import { ENDED } from './drafts.ts';
import type { Question, ServerFrame } from './frames.ts';
import { Outbox } from './outbox.ts';
import { Lost } from './questions.ts';

type Posted = Extract<Question, { type: 'Post' }>;

const CONDUCT = { elapsedMs: 1, decoy: '' };

function begin(shelf = memoryShelf()) {
  const world = new ManualWorld();
  const posts: { post: Posted; answer: (frame: ServerFrame) => void; lose: () => void }[] = [];
  const outbox = new Outbox({
    world,
    shelf,
    ask: (question) =>
      new Promise((resolve, reject) => {
        assert.ok(question.type === 'Post');
        posts.push({ post: question, answer: resolve, lose: () => reject(new Lost('')) });
      }),
    onChange: () => {},
  });
  const statuses = () => outbox.drafts.map(({ status }) => status.is);
  const accept = async (n: number, seq = n + 1) => {
    const { post, answer } = posts[n] ?? assert.fail('not posted');
    answer({
      type: 'Accepted',
      ref: 1,
      conversation: post.conversation,
      clientId: post.clientId,
      seq,
      at: AT,
    });
    await settle();
  };
  const refuse = async (n: number, then: string, retryAfterMs: number | null = null, detail = '') => {
    posts[n]?.answer({ type: 'Refused', ref: 1, code: 100, text: 'no', then, retryAfterMs, detail });
    await settle();
  };
  return { world, outbox, posts, shelf, statuses, accept, refuse };
}

test('a draft waits for a connection, goes out, and is forgotten when its message is there', async () => {
  const { outbox, posts, statuses, accept } = begin();
  const { clientId } = outbox.add(CONVERSATION, 'hello', CONDUCT);
  assert.deepEqual(statuses(), ['waiting']);
  outbox.open();
  assert.deepEqual(statuses(), ['sending']);
  await accept(0);
  assert.deepEqual(statuses(), ['accepted']);
  outbox.arrived([message(1, { clientId })]);
  assert.deepEqual(outbox.drafts, []);
  assert.equal(posts.length, 1);
});

test('the message may come before its acceptance', async () => {
  const { outbox, accept, statuses } = begin();
  outbox.open();
  const { clientId } = outbox.add(CONVERSATION, 'hello', CONDUCT);
  outbox.arrived([message(1, { clientId })]);
  await accept(0);
  assert.deepEqual(statuses(), []);
});

test('one message of a conversation is on its way at a time, so none overtakes another', async () => {
  const { outbox, posts, accept } = begin();
  outbox.open();
  for (const text of ['one', 'two', 'three']) outbox.add(CONVERSATION, text, CONDUCT);
  outbox.add(NEXT, 'elsewhere', CONDUCT);
  assert.deepEqual(
    posts.map(({ post }) => post.text),
    ['one', 'elsewhere'],
  );
  await accept(0);
  await accept(2);
  assert.deepEqual(
    posts.map(({ post }) => post.text),
    ['one', 'elsewhere', 'two', 'three'],
  );
});

test('after a reconnect everything unaccepted goes out again, in order, under the same ids', async () => {
  const { outbox, posts, accept, statuses } = begin();
  outbox.open();
  const ids = ['one', 'two'].map((text) => outbox.add(CONVERSATION, text, CONDUCT).clientId);
  outbox.close();
  posts[0]?.lose();
  await settle();
  assert.deepEqual(statuses(), ['waiting', 'waiting']);
  outbox.open();
  await accept(1);
  assert.deepEqual(
    posts.map(({ post }) => post.clientId),
    [ids[0], ids[0], ids[1]],
  );
});

test('an answer that is lost late, after the reconnect, sends nothing twice', async () => {
  const { world, outbox, posts } = begin();
  outbox.open();
  outbox.add(CONVERSATION, 'one', CONDUCT);
  outbox.close();
  outbox.open();
  posts[0]?.lose();
  await world.pass(10_000);
  assert.equal(posts.length, 2);
});

test('what was accepted on the old connection is not sent again', async () => {
  const { outbox, posts, accept } = begin();
  outbox.open();
  outbox.add(CONVERSATION, 'one', CONDUCT);
  await accept(0);
  outbox.close();
  outbox.open();
  assert.equal(posts.length, 1);
});

test('refused for now: it is held with its moment, then sent again under the same id, before the next one', async () => {
  const { world, outbox, posts, refuse, statuses } = begin();
  outbox.open();
  outbox.add(CONVERSATION, 'one', CONDUCT);
  outbox.add(CONVERSATION, 'two', CONDUCT);
  await refuse(0, 'retry', 4_000);
  assert.deepEqual(statuses(), ['held', 'waiting']);
  const [held] = outbox.drafts;
  assert.ok(held?.status.is === 'held' && held.status.until === world.clock.now() + 4_000);
  await world.pass(3_999);
  assert.equal(posts.length, 1);
  await world.pass(1);
  assert.equal(posts[1]?.post.clientId, posts[0]?.post.clientId);
});

test('no answer in time: it is sent again by itself', async () => {
  const { world, outbox, posts } = begin();
  outbox.open();
  outbox.add(CONVERSATION, 'one', CONDUCT);
  posts[0]?.lose();
  await world.pass(3_000);
  assert.equal(posts.length, 2);
});

for (const then of ['edit', 'stop', 'next']) {
  test(`refused with "${then}": it stays for the writer to see, and the next one goes on`, async () => {
    const { outbox, posts, refuse, statuses } = begin();
    outbox.open();
    const { clientId } = outbox.add(CONVERSATION, 'one', CONDUCT);
    outbox.add(CONVERSATION, 'two', CONDUCT);
    await refuse(0, then, null, NEXT);
    assert.deepEqual(statuses(), ['refused', 'sending']);
    outbox.close();
    outbox.open();
    assert.ok(!posts.slice(1).some(({ post }) => post.text === 'one'), 'it is not sent again by itself');
    assert.equal(outbox.remove(clientId)?.text, 'one');
  });
}

test('what was to be sent again by itself is refused at once when its conversation ends', async () => {
  const { world, outbox, posts, refuse, statuses } = begin();
  outbox.open();
  for (const text of ['one', 'two']) outbox.add(CONVERSATION, text, CONDUCT);
  outbox.add(NEXT, 'elsewhere', CONDUCT);
  await refuse(0, 'retry', 4_000);
  outbox.ended(CONVERSATION);
  assert.deepEqual(statuses(), ['refused', 'refused', 'sending']);
  const [first] = outbox.drafts;
  assert.ok(first?.status.is === 'refused' && first.status.refusal.then === 'next');
  await world.pass(10_000);
  assert.equal(
    posts.filter(({ post }) => post.conversation === CONVERSATION).length,
    1,
    'no retry is left over',
  );
});

test('what was on its way when its conversation ended waits for its answer, and is not held after it', async () => {
  const { outbox, refuse, statuses } = begin();
  outbox.open();
  outbox.add(CONVERSATION, 'one', CONDUCT);
  outbox.ended(CONVERSATION);
  assert.deepEqual(statuses(), ['sending'], 'it may be in the record already');
  await refuse(0, 'retry', 4_000);
  assert.deepEqual(statuses(), ['refused']);
});

test('what is refused because its conversation ended says what the catalogue says', () => {
  const ended = catalogue('Refusals').find(({ name }) => name === 'ended');
  assert.deepEqual([ENDED.code, ENDED.text, ENDED.then], [ended?.code, ended?.text, ended?.then]);
});

test('into the next conversation it goes as a new message', async () => {
  const { outbox, posts, refuse } = begin();
  outbox.open();
  const { clientId } = outbox.add(CONVERSATION, 'one', CONDUCT);
  await refuse(0, 'next', null, NEXT);
  outbox.readdress(clientId, NEXT);
  assert.equal(posts[1]?.post.conversation, NEXT);
  assert.notEqual(posts[1]?.post.clientId, clientId);
});

test('what another page wrote goes out once, before what was written here later, one at a time', async () => {
  const { world, outbox, posts, accept } = begin();
  const other = begin();
  const theirs = ['one', 'two'].map((text) => other.outbox.add(CONVERSATION, text, CONDUCT));
  await world.pass(1_000);
  outbox.open();
  outbox.add(CONVERSATION, 'three', CONDUCT);
  outbox.add(CONVERSATION, 'four', CONDUCT);
  outbox.take(theirs);
  outbox.take(theirs);
  assert.equal(posts.length, 1, 'what is on its way is answered first');
  for (const n of [0, 1, 2, 3]) await accept(n);
  assert.deepEqual(
    posts.map(({ post }) => post.text),
    ['three', 'one', 'two', 'four'],
  );
});

test('a reload keeps what nobody else has, and nothing more', async () => {
  const { outbox, shelf, accept } = begin();
  outbox.open();
  const kept = outbox.add(CONVERSATION, 'secret one', CONDUCT);
  const reloaded = begin(shelf);
  assert.deepEqual(
    reloaded.outbox.drafts.map(({ clientId, status }) => [clientId, status.is]),
    [[kept.clientId, 'waiting']],
  );
  await accept(0);
  assert.equal(shelf.value, null, 'an accepted text does not stay on the device');
});

for (const damage of ['', '{', '{}', '[null,1,{"clientId":1}]', 'null', '[{"clientId":"x"}]']) {
  test(`a damaged copy (${damage || 'empty'}) is no draft`, () => {
    assert.deepEqual(begin(memoryShelf(damage)).outbox.drafts, []);
  });
}
