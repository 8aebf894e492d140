import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ServerFrame, State } from '../../client/frames.ts';
import { ADA, AT, message, view, visitor } from '../../test/frames.ts';
import { GRACE } from '../../test/workplace.ts';
import { type Desk, newDesk, reduceDesk } from '../state/desk.ts';
import type { News } from '../state/screen.ts';
import { announcementOf } from './announcement.ts';

const MIA = visitor({ name: 'Mia' });
const WAITS = view({ visitor: MIA });

function after(frames: readonly ServerFrame[], from: Desk): Desk {
  return frames.reduce((desk, frame) => reduceDesk(desk, { is: 'frame', frame, now: AT }), from);
}

const changed = (fields: Parameters<typeof view>[0]): ServerFrame => ({
  type: 'ConversationChanged',
  ref: 0,
  conversation: view({ visitor: MIA, ...fields }),
});

const greeting: ServerFrame = {
  type: 'WelcomeAgent',
  ref: 1,
  me: GRACE,
  workspace: 'Oak',
  heartbeatMs: 10_000,
  now: AT,
};

/** Mia waits, and that was announced. */
function announced(news: News = { is: 'waiting', view: WAITS }): Desk {
  return reduceDesk(after([greeting, changed({})], newDesk(AT)), { is: 'announced', news });
}

const taken = (agent: typeof ADA) => changed({ state: State.ACTIVE, agent, revision: 2 });

test('a visitor who waits is announced for as long as they wait', () => {
  assert.equal(announcementOf(announced()), 'Mia is waiting for an answer');
  assert.equal(announcementOf(newDesk(AT)), '');
});

test('once claimed, whoever it is with is told instead', () => {
  assert.equal(announcementOf(after([taken(GRACE)], announced())), 'Mia is with you now');
  assert.equal(announcementOf(after([taken(ADA)], announced())), 'Mia is with Ada Moreno now');
});

test('nobody waits in a conversation that ended or left the list', () => {
  assert.equal(announcementOf(after([changed({ state: State.ENDED, revision: 3 })], announced())), '');
  const queue: ServerFrame = { type: 'Queue', ref: 0, conversations: [], ended: [], people: [] };
  assert.equal(announcementOf(after([queue], announced())), '');
});

test('a text stays announced until there is other news', () => {
  const wrote = announced({ is: 'message', view: WAITS, message: message(2) });
  assert.equal(announcementOf(after([taken(GRACE)], wrote)), 'Mia wrote: text 2');
});
