import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADA, CONVERSATION, message, messageFrame, NEXT, snapshot, typing, view } from '../test/frames.ts';
import { Kind, Role, State } from './frames.ts';
import { emptyThread, expireTyping, positionOf, reachedBy, reduceThread, TYPING_MS } from './thread.ts';

const NOW = 1000;
const empty = emptyThread(CONVERSATION);
const numbers = (thread: typeof empty) => thread.messages.map(({ seq }) => seq);
const held = (...seqs: number[]) =>
  reduceThread(empty, snapshot({ messages: seqs.map((seq) => message(seq)) }), NOW);

test('messages come in order; one that is known changes nothing', () => {
  const thread = [1, 2, 2, 1, 3].reduce(
    (it, seq) => reduceThread(it, messageFrame(message(seq)), NOW),
    empty,
  );
  assert.deepEqual(numbers(thread), [1, 2, 3]);
  assert.equal(thread.state, State.WAITING);
});

test('a missing number is noticed, and the snapshot from there fills the hole', () => {
  const behind = reduceThread(held(1, 2), messageFrame(message(4)), NOW);
  assert.equal(behind.behind, true);
  assert.deepEqual(numbers(behind), [1, 2]);
  const filled = reduceThread(behind, snapshot({ messages: [message(3), message(4)], recovered: true }), NOW);
  assert.deepEqual([numbers(filled), filled.behind], [[1, 2, 3, 4], false]);
});

test('a snapshot that did not recover replaces what was held', () => {
  const fresh = reduceThread(held(1, 2), snapshot({ messages: [message(90), message(91)], more: true }), NOW);
  assert.deepEqual([numbers(fresh), fresh.more], [[90, 91], true]);
});

test('a recovered snapshot with nothing new keeps everything, "more" included', () => {
  const long = reduceThread(empty, snapshot({ messages: [message(50)], more: true }), NOW);
  const same = reduceThread(long, snapshot({ recovered: true, messages: [] }), NOW);
  assert.deepEqual([numbers(same), same.more], [[50], true]);
});

test('a page of history goes before what is held', () => {
  const long = reduceThread(empty, snapshot({ messages: [message(3), message(4)], more: true }), NOW);
  const all = reduceThread(long, snapshot({ messages: [message(1), message(2)], more: false }), NOW);
  assert.deepEqual([numbers(all), all.more, positionOf(all)], [[1, 2, 3, 4], false, 4]);
});

test('joining names the agent and makes it active; ending ends it, whatever comes late', () => {
  const joined = message(2, { kind: Kind.JOINED, role: Role.AGENT, author: ADA.account, body: ADA.name });
  const ended = message(3, { kind: Kind.ENDED, role: Role.SYSTEM, author: null, body: '' });
  const active = reduceThread(held(1), messageFrame(joined), NOW);
  assert.deepEqual([active.state, active.agent?.name], [State.ACTIVE, 'Ada Moreno']);
  assert.equal(reduceThread(active, messageFrame(ended), NOW).state, State.ENDED);
});

test('of marks the highest wins', () => {
  const marks = (received: number, read: number) =>
    ({
      type: 'Marks',
      ref: 0,
      conversation: CONVERSATION,
      mark: { role: Role.AGENT, received, read },
    }) as const;
  const thread = [marks(5, 2), marks(3, 3), marks(1, 0)].reduce(
    (it, frame) => reduceThread(it, frame, NOW),
    empty,
  );
  assert.deepEqual(thread.marks[Role.AGENT], { received: 5, read: 3 });
  const reached = [2, 4, 6].map((seq) => reachedBy(message(seq), thread.marks));
  assert.deepEqual(reached, ['read', 'delivered', 'sent']);
});

test('typing counts for six seconds, or until the message comes', () => {
  const thread = reduceThread(empty, typing(), NOW);
  assert.equal(expireTyping(thread, NOW + TYPING_MS - 1).typing.length, 1);
  assert.equal(expireTyping(thread, NOW + TYPING_MS).typing.length, 0);
  assert.equal(reduceThread(thread, typing(false), NOW).typing.length, 0);
  const answer = message(1, { role: Role.AGENT, author: ADA.account });
  assert.equal(reduceThread(thread, messageFrame(answer), NOW).typing.length, 0);
});

test('a view older than the one held is ignored', () => {
  const changed = (revision: number, state: State) =>
    ({ type: 'ConversationChanged', ref: 0, conversation: view({ revision, state }) }) as const;
  const thread = reduceThread(
    reduceThread(empty, changed(3, State.ACTIVE), NOW),
    changed(2, State.WAITING),
    NOW,
  );
  assert.equal(thread.state, State.ACTIVE);
});

test('frames of another conversation change nothing', () => {
  const other = { ...messageFrame(message(1)), conversation: NEXT };
  assert.equal(reduceThread(empty, other, NOW), empty);
});
