import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Draft, emptyThread, Kind, type MessageView, Role, reduceThread } from '../../client/index.ts';
import { ADA, AT, CONVERSATION, clientId, message, snapshot } from '../../test/frames.ts';
import { rowsOf } from './rows.ts';

const DAY = 86_400_000;
const utcDay = (at: number) => String(Math.floor(at / DAY));

const threadOf = (messages: readonly MessageView[], read = 0) =>
  reduceThread(
    emptyThread(CONVERSATION),
    snapshot({ messages, people: [ADA], marks: [{ role: Role.AGENT, received: read + 1, read }] }),
    AT,
  );

function draft(n: number, status: Draft['status'], writtenAt = AT + n * 1000): Draft {
  const conduct = { elapsedMs: 0, decoy: '' };
  return {
    clientId: clientId(n),
    conversation: CONVERSATION,
    text: `draft ${n}`,
    conduct,
    writtenAt,
    status,
  };
}

const shape = (rows: ReturnType<typeof rowsOf>) =>
  rows.map((row) => (row.is === 'group' ? `${row.mine ? 'me' : row.name}×${row.bubbles.length}` : row.is));

const byAda = (seq: number) => message(seq, { role: Role.AGENT, author: ADA.account });

test('bubbles of one author stand together, until another speaks or five minutes pass', () => {
  const later = message(5, { at: AT + 20 * 60_000 });
  const rows = rowsOf(threadOf([message(1), message(2), byAda(3), message(4), later]), [], utcDay);
  assert.deepEqual(shape(rows), ['day', 'me×2', 'Ada Moreno×1', 'me×1', 'me×1']);
});

test('days are told apart, what happened is said, and a void shows nothing', () => {
  const joined = message(2, { kind: Kind.JOINED, role: Role.AGENT, author: ADA.account, body: ADA.name });
  const empty = message(3, { kind: Kind.VOID, role: Role.SYSTEM, author: null, body: '' });
  const ended = message(4, { kind: Kind.ENDED, role: Role.SYSTEM, author: null, body: '', at: AT + DAY });
  assert.deepEqual(shape(rowsOf(threadOf([message(1), joined, empty, ended]), [], utcDay)), [
    'day',
    'me×1',
    'joined',
    'day',
    'ended',
  ]);
});

test('a message whose record was altered is nobody’s, and stands alone', () => {
  const altered = { kind: Kind.UNREADABLE, role: Role.SYSTEM, author: null, body: '' };
  assert.deepEqual(shape(rowsOf(threadOf([byAda(1), message(2, altered), byAda(3)]), [], utcDay)), [
    'day',
    'Ada Moreno×1',
    'unreadable',
    'Ada Moreno×1',
  ]);
});

test('own messages say how far they got', () => {
  const rows = rowsOf(threadOf([message(1), message(2), message(3)], 1), [], utcDay);
  const group = rows.find((row) => row.is === 'group');
  assert.deepEqual(group?.is === 'group' && group.bubbles.map(({ status }) => status?.is), [
    'read',
    'delivered',
    'sent',
  ]);
});

test('a draft whose message is there is not shown twice, and keeps its key', () => {
  const accepted = { is: 'accepted', seq: 2, at: AT } as const;
  const rows = rowsOf(
    threadOf([message(1), message(2)]),
    [draft(2, accepted), draft(3, { is: 'sending' })],
    utcDay,
  );
  const group = rows.at(-1);
  assert.deepEqual(group?.is === 'group' && group.bubbles.map(({ key }) => key), [1, 2, 3].map(clientId));
});

test('what was refused ends its group, so that its explanation stands below it', () => {
  const refusal = { code: 112, text: '', then: 'edit', detail: '' };
  const drafts = [draft(1, { is: 'refused', refusal }), draft(2, { is: 'sending' })];
  assert.deepEqual(shape(rowsOf(null, drafts, utcDay)), ['day', 'me×1', 'me×1']);
});

test('a first message that has to wait a second is being sent, and groups with what follows', () => {
  const refusal = { code: 102, text: '', then: 'retry', detail: '' };
  const held = { is: 'held', until: AT + 1_200, refusal } as const;
  const rows = rowsOf(null, [draft(1, held), draft(2, { is: 'waiting' })], utcDay);
  const group = rows.at(-1);
  assert.deepEqual(group?.is === 'group' && group.bubbles.map(({ status }) => status?.is), [
    'sending',
    'waiting',
  ]);
});
