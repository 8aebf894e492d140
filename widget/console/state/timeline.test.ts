import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft } from '../../client/drafts.ts';
import { Kind, Role } from '../../client/frames.ts';
import { ADA, CONVERSATION, clientId, message } from '../../test/frames.ts';
import { GRACE } from '../../test/workplace.ts';
import { timeline } from './timeline.ts';

const DAY = 86_400_000;
const sameDay = (a: number, b: number) => Math.floor(a / DAY) === Math.floor(b / DAY);
const options = { me: GRACE.account, newAfter: null, isSameDay: sameDay };
const mine = { role: Role.AGENT, author: GRACE.account };

const drawn = (...args: Parameters<typeof timeline>) =>
  timeline(...args).map((item) =>
    item.is === 'group' ? `${item.side}:${item.messages.map(({ seq }) => seq)}` : item.is,
  );

test('texts of one author in a row are one group; another author begins another', () => {
  const messages = [message(1), message(2), message(3, mine), message(4)];
  assert.deepEqual(drawn(messages, [], options), ['day', 'visitor:1,2', 'me:3', 'visitor:4']);
});

test('a pause of five minutes begins a new group, midnight a new day', () => {
  const start = Date.UTC(2026, 0, 1, 12);
  const messages = [
    message(1, { at: start }),
    message(2, { at: start + 5 * 60_000 }),
    message(3, { at: start + DAY }),
  ];
  assert.deepEqual(drawn(messages, [], options), ['day', 'visitor:1', 'visitor:2', 'day', 'visitor:3']);
});

test('a colleague is told from me', () => {
  const theirs = message(1, { role: Role.AGENT, author: ADA.account });
  assert.deepEqual(drawn([theirs], [], options), ['day', 'colleague:1']);
});

test('what happened stands on its own, and a void number shows nothing', () => {
  const joined = message(2, { ...mine, kind: Kind.JOINED });
  const nothing = message(3, { kind: Kind.VOID, role: Role.SYSTEM, author: null });
  assert.deepEqual(drawn([message(1), joined, nothing, message(4)], [], options), [
    'day',
    'visitor:1',
    'happened',
    'visitor:4',
  ]);
});

test('an altered message stands on its own between those of one author', () => {
  const altered = message(2, { kind: Kind.UNREADABLE, role: Role.SYSTEM, author: null, body: '' });
  assert.deepEqual(drawn([message(1), altered, message(3)], [], options), [
    'day',
    'visitor:1',
    'happened',
    'visitor:3',
  ]);
});

test('the line "New" stands before the first text of the visitor that was not read', () => {
  const messages = [message(1), message(2, mine), message(3, mine), message(4)];
  assert.deepEqual(drawn(messages, [], { ...options, newAfter: 2 }), [
    'day',
    'visitor:1',
    'me:2,3',
    'new',
    'visitor:4',
  ]);
});

test('what can never be sent stands together, once for each reason, before what still can be', () => {
  const draft = (n: number, status: Draft['status']): Draft => {
    const conduct = { elapsedMs: 0, decoy: '' };
    return {
      clientId: clientId(n),
      conversation: CONVERSATION,
      text: `draft ${n}`,
      conduct,
      writtenAt: 0,
      status,
    };
  };
  const refused = (code: number, then: string): Draft['status'] => ({
    is: 'refused',
    refusal: { code, text: '', then, detail: '' },
  });
  const drafts = [
    draft(1, refused(120, 'next')),
    draft(2, refused(111, 'edit')),
    draft(3, refused(122, 'stop')),
    draft(4, { is: 'waiting' }),
    draft(5, refused(120, 'next')),
  ];
  const items = timeline([], drafts, options).map((item) => [
    item.key,
    ...('drafts' in item ? item.drafts.map(({ text }) => text) : []),
  ]);
  assert.deepEqual(items, [
    ['unsent-120', 'draft 1', 'draft 5'],
    ['unsent-122', 'draft 3'],
    ['drafts', 'draft 2', 'draft 4'],
  ]);
});

test('every item has its own key', () => {
  const messages = [message(1), message(2, { ...mine, kind: Kind.JOINED }), message(3), message(4, mine)];
  const keys = timeline(messages, [], { ...options, newAfter: 1 }).map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length);
});
