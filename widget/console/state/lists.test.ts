import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kind, Role, State } from '../../client/frames.ts';
import { emptyThread } from '../../client/thread.ts';
import { ADA, AT, CONVERSATION, message, view } from '../../test/frames.ts';
import { GRACE } from '../../test/workplace.ts';
import { listOf, listsOf, previewOf, unreadOf } from './lists.ts';

const active = (agent: typeof GRACE) => view({ state: State.ACTIVE, agent });

test('a conversation stands in exactly one list', () => {
  assert.equal(listOf(view(), GRACE.account), 'waiting');
  assert.equal(listOf(active(GRACE), GRACE.account), 'yours');
  assert.equal(listOf(active(ADA), GRACE.account), 'theirs');
  assert.equal(listOf(view({ state: State.ENDED, agent: GRACE }), GRACE.account), 'ended');
  assert.equal(listOf(view({ state: State.NEW }), GRACE.account), null);
});

test('before I am known nothing is mine', () => {
  assert.equal(listOf(active(GRACE), undefined), 'theirs');
});

test('who waits longest stands first', () => {
  const views = [3, 1, 2].map((n) => view({ conversation: `c${n}`, openedAt: AT + n }));
  const { waiting } = listsOf(new Map(views.map((each) => [each.conversation, each])), GRACE.account);
  assert.deepEqual(
    waiting.map(({ conversation }) => conversation),
    ['c1', 'c2', 'c3'],
  );
});

test('unread are the visitor’s texts after what an agent read', () => {
  const marks = { ...emptyThread(CONVERSATION).marks, [Role.AGENT]: { received: 4, read: 1 } };
  const answer = message(3, { role: Role.AGENT, author: GRACE.account });
  const thread = {
    ...emptyThread(CONVERSATION),
    marks,
    messages: [message(1), message(2), answer, message(4)],
  };
  assert.equal(unreadOf(thread), 2);
  assert.equal(unreadOf(undefined), 0);
});

test('the preview is what was said last: who joined, an end and a number that nobody used are none', () => {
  const joined = message(2, { kind: Kind.JOINED, role: Role.AGENT, author: GRACE.account, body: GRACE.name });
  const nothing = message(3, { kind: Kind.VOID, role: Role.SYSTEM, author: null, body: '' });
  const ended = message(4, { kind: Kind.ENDED, role: Role.SYSTEM, author: null, body: '' });
  const thread = { ...emptyThread(CONVERSATION), messages: [message(1), joined, nothing, ended] };
  assert.equal(previewOf(view({ preview: message(1) }), thread)?.seq, 1);
  assert.equal(previewOf(view({ preview: null }), thread)?.seq, 1);
  const altered = message(5, { kind: Kind.UNREADABLE, role: Role.SYSTEM, author: null, body: '' });
  const damaged = { ...thread, messages: [...thread.messages, altered] };
  assert.equal(previewOf(view({ preview: message(1) }), damaged)?.seq, 5);
});

test('the preview is the later of what was announced and what is held', () => {
  const announced = view({ preview: message(2) });
  const thread = { ...emptyThread(CONVERSATION), messages: [message(1), message(2), message(3)] };
  assert.equal(previewOf(announced, thread)?.seq, 3);
  assert.equal(previewOf(view({ preview: message(5) }), thread)?.seq, 5);
  assert.equal(previewOf(announced, undefined)?.seq, 2);
});
