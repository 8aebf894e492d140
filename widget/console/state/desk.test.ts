import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FrameOf, ServerFrame } from '../../client/frames.ts';
import { emptyThread } from '../../client/thread.ts';
import { AT, CONVERSATION, message, messageFrame, snapshot, typing, view } from '../../test/frames.ts';
import { GRACE, Workplace } from '../../test/workplace.ts';
import { type Desk, newDesk, reduceDesk } from './desk.ts';
import { toFollow } from './lists.ts';

const NOW = AT;

function after(frames: readonly ServerFrame[], from: Desk = newDesk(NOW)): Desk {
  return frames.reduce((desk, frame) => reduceDesk(desk, { is: 'frame', frame, now: NOW }), from);
}

const changed = (fields: Parameters<typeof view>[0]): FrameOf<'ConversationChanged'> => ({
  type: 'ConversationChanged',
  ref: 0,
  conversation: view(fields),
});

/** What of a desk the server determines; a thread's typists depend on the moment. */
function facts(desk: Desk) {
  const threads = [...desk.threads.values()].map(({ typing: _, ...thread }) => thread);
  return {
    conversations: [...desk.conversations.values()].sort(byId),
    threads: threads.sort((a, b) => a.id.localeCompare(b.id)),
    colleagues: [...desk.colleagues.values()].filter(({ isOnline }) => isOnline).sort(byAccount),
  };
}

/** The threads of `fresh` from the first message on that `desk` holds of each: older ones are asked for on demand. */
function fromSameStart(fresh: Desk, desk: Desk): Desk {
  const threads = [...fresh.threads].map(([id, thread]) => {
    const first = desk.threads.get(id)?.messages[0]?.seq ?? 1;
    const messages = thread.messages.filter(({ seq }) => seq >= first);
    return [id, { ...thread, messages, more: first > 1 }] as const;
  });
  return { ...fresh, threads: new Map(threads) };
}

const byId = (a: { conversation: string }, b: { conversation: string }) =>
  a.conversation.localeCompare(b.conversation);
const byAccount = (a: { person: { account: string } }, b: { person: { account: string } }) =>
  a.person.account.localeCompare(b.person.account);

test('a snapshot and the frames after it give what a fresh snapshot gives, whatever happens', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const workplace = new Workplace(seed);
    for (let i = 0; i < 5; i += 1) workplace.happen();
    const followed = workplace.ids;
    let desk = after(workplace.everything(followed));
    for (let i = 0; i < 60; i += 1) {
      desk = after(workplace.happen(), desk);
      // What was lost on the way shows as a gap, and a gap asks again from the position that is held. Some of the
      // answers come so late that they replace what is held instead of continuing it.
      if (i % 7 === 0) desk = after(workplace.answers(desk), desk);
    }
    desk = after(workplace.answers(desk, true), desk);
    const fresh = after(workplace.everything([...desk.threads.keys()]));
    assert.deepEqual(facts(desk), facts(fromSameStart(fresh, desk)), `seed ${seed}`);
  }
});

test('the queue replaces what was held, colleagues included', () => {
  const queue: FrameOf<'Queue'> = {
    type: 'Queue',
    ref: 0,
    conversations: [view()],
    ended: [],
    people: [GRACE],
  };
  const desk = after([queue, { ...queue, conversations: [], people: [] }]);
  assert.equal(desk.hasQueue, true);
  assert.equal(desk.conversations.size, 0);
  assert.equal(desk.colleagues.size, 0);
});

test('an older revision that comes late is ignored', () => {
  const desk = after([changed({ revision: 5, site: 'new' }), changed({ revision: 4, site: 'old' })]);
  assert.equal(desk.conversations.get(CONVERSATION)?.site, 'new');
});

test('of two views of one revision the one that saw more messages counts', () => {
  const desk = after([changed({ revision: 5, top: 9 }), changed({ revision: 5, top: 8 })]);
  assert.equal(desk.conversations.get(CONVERSATION)?.top, 9);
});

test('messages of a conversation that is not followed change nothing', () => {
  const desk = after([changed({})]);
  assert.equal(after([messageFrame(message(1))], desk), desk);
});

test('a page of history goes before what is held', () => {
  const latest = snapshot({ messages: [message(3), message(4)], more: true });
  const older = snapshot({ messages: [message(1), message(2)], more: false });
  const thread = after([latest, older]).threads.get(CONVERSATION);
  assert.deepEqual(
    thread?.messages.map(({ seq }) => seq),
    [1, 2, 3, 4],
  );
  assert.equal(thread?.more, false);
});

test('typing is forgotten after six seconds', () => {
  const writing = after([snapshot(), typing()]);
  assert.equal(writing.threads.get(CONVERSATION)?.typing.length, 1);
  const quiet = reduceDesk(writing, { is: 'tick', now: NOW + 6_000 });
  assert.equal(quiet.threads.get(CONVERSATION)?.typing.length, 0);
});

test('what is mine and what is open is to be followed, nothing else', () => {
  const mine = changed({ state: 2, agent: GRACE });
  const welcome: FrameOf<'WelcomeAgent'> = {
    type: 'WelcomeAgent',
    ref: 1,
    me: GRACE,
    workspace: 'Fern & Oak',
    heartbeatMs: 10_000,
    now: NOW + 500,
  };
  const desk = after([welcome, mine]);
  assert.equal(desk.clockOffset, 500);
  assert.deepEqual([...toFollow(desk, null)], [CONVERSATION]);
  assert.deepEqual([...toFollow(after([welcome, changed({})]), null)], []);
  assert.deepEqual([...toFollow(after([welcome]), 'open')], ['open']);
});

test('a forgotten conversation leaves no thread behind, and following begins with an empty one', () => {
  const followed = reduceDesk(newDesk(NOW), { is: 'followed', id: CONVERSATION });
  assert.deepEqual(followed.threads.get(CONVERSATION), emptyThread(CONVERSATION));
  assert.equal(reduceDesk(followed, { is: 'forgotten', id: CONVERSATION }).threads.size, 0);
});

test('what is open stays when a new list is without it, until the server says that it does not exist', () => {
  const queue: FrameOf<'Queue'> = { type: 'Queue', ref: 0, conversations: [], ended: [], people: [] };
  const opened = reduceDesk(newDesk(NOW), { is: 'opened', id: CONVERSATION });
  const listed = after([snapshot({ messages: [message(1)] }), queue], opened);
  assert.equal(listed.conversations.size, 1);
  const refused = (code: number) => {
    const refusal = { code, text: '', then: 'stop', detail: '' };
    return reduceDesk(listed, { is: 'refused', id: CONVERSATION, refusal });
  };
  assert.deepEqual([refused(121).conversations.size, refused(121).threads.size], [0, 0]);
  assert.deepEqual([refused(124).conversations.size, refused(124).threads.size], [1, 1]);
  assert.equal(after([snapshot()], refused(124)).screen.refused.size, 0, 'what is shown is not refused');
});

test('no more is followed than one connection may, and what is open comes first', () => {
  const many = Array.from({ length: 70 }, (_, n) => view({ conversation: `c${n}`, state: 2, agent: GRACE }));
  const welcome: FrameOf<'WelcomeAgent'> = {
    type: 'WelcomeAgent',
    ref: 1,
    me: GRACE,
    workspace: 'Fern & Oak',
    heartbeatMs: 10_000,
    now: NOW,
  };
  const queue: FrameOf<'Queue'> = { type: 'Queue', ref: 0, conversations: many, ended: [], people: [] };
  const followed = [...toFollow(after([welcome, queue]), 'c69')];
  assert.equal(followed.length, 64);
  assert.equal(followed[0], 'c69');
});
