import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kind, Role, State } from '../../client/frames.ts';
import { ADA, message, view } from '../../test/frames.ts';
import { GRACE } from '../../test/workplace.ts';
import { happening, previewText } from './happening.ts';

const shown = (fields: Parameters<typeof message>[1], me = GRACE.account) =>
  previewText(message(3, fields), view({ state: State.ACTIVE, agent: ADA }), me);

const joined = { kind: Kind.JOINED, role: Role.AGENT, author: ADA.account, body: 'Ada Moreno' };
const ended = { kind: Kind.ENDED, role: Role.SYSTEM, author: null, body: '' };

test('in a list, who joined is told as what happened and not as words of theirs', () => {
  assert.equal(shown(joined), 'Ada Moreno joined');
  assert.equal(shown(joined, ADA.account), 'You joined');
  assert.equal(shown({ ...joined, body: '' }), 'A colleague joined');
});

test('an end is told as such, whoever ended it', () => {
  assert.equal(shown(ended), 'The conversation ended');
  assert.equal(shown({ ...ended, role: Role.VISITOR }), 'The conversation ended');
  assert.equal(shown({ ...ended, role: Role.AGENT, author: GRACE.account }), 'The conversation ended');
});

test('an altered message is nobody’s', () => {
  const altered = { kind: Kind.UNREADABLE, role: Role.SYSTEM, author: null, body: '' };
  assert.match(shown(altered), /could not be opened/);
  assert.match(happening(message(3, altered), GRACE.account), /altered/);
});

test('texts say whose they are, where they are not the visitor’s; a void number shows nothing', () => {
  assert.equal(shown({ body: 'two\n\nlines' }), 'two lines');
  assert.equal(shown({ role: Role.AGENT, author: GRACE.account, body: 'yes' }), 'You: yes');
  assert.equal(shown({ role: Role.AGENT, author: ADA.account, body: 'yes' }), 'Ada Moreno: yes');
  assert.equal(shown({ kind: Kind.VOID, role: Role.SYSTEM, author: null, body: '' }), '');
});
