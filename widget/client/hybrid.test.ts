// The promise that state rests on: a snapshot taken at any moment and the frames after it give what a fresh snapshot
// gives. A small server makes up conversations; many of them are played from fixed seeds.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADA, AT, CONVERSATION, message, snapshot, VISITOR, view } from '../test/frames.ts';
import { Kind, type MessageView, Role, type ServerFrame, type Snapshot, State } from './frames.ts';
import { emptyThread, positionOf, reduceThread, type Thread } from './thread.ts';

const GRACE = { ...ADA, account: '0192f0c1-0000-7000-8000-0000000000ae', name: 'Grace Hopper' };
const PAGE = 5;

/** A small generator with a seed (mulberry32), so that a failure can be played again. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** The record, as a server holds it. */
class Record {
  readonly messages: MessageView[] = [];
  readonly marks = { [Role.VISITOR]: [0, 0], [Role.AGENT]: [0, 0] } as {
    1: [number, number];
    2: [number, number];
  };
  state: State = State.NEW;
  agent: typeof ADA | null = null;
  revision = 0;

  add(fields: Partial<MessageView>): ServerFrame {
    const added = message(this.messages.length + 1, fields);
    this.messages.push(added);
    return { type: 'Message', ref: 0, conversation: CONVERSATION, message: added };
  }

  mark(role: 1 | 2, received: number, read: number): ServerFrame {
    const [a, b] = this.marks[role];
    this.marks[role] = [Math.max(a, received), Math.max(b, read)];
    return { type: 'Marks', ref: 0, conversation: CONVERSATION, mark: { role, received, read } };
  }

  /** What a client that holds `position` is sent; everything it needs, or the last page. */
  snapshot(position: number, limit = Number.POSITIVE_INFINITY): Snapshot {
    const missing = this.messages.slice(position);
    const recovered = position > 0 && missing.length <= limit;
    const messages = recovered ? missing : this.messages.slice(-limit);
    return snapshot({
      conversation: view({
        state: this.state,
        revision: this.revision,
        agent: this.agent,
        top: this.messages.length,
      }),
      people: [ADA, GRACE],
      messages,
      marks: ([1, 2] as const).map((role) => ({
        role,
        received: this.marks[role][0],
        read: this.marks[role][1],
      })),
      recovered,
      more: !recovered && (messages[0]?.seq ?? 1) > 1,
    });
  }
}

/** Something happens in the conversation; returns the frame that tells of it. */
function happen(record: Record, pick: (below: number) => number): ServerFrame {
  const top = record.messages.length;
  record.revision += 1;
  const choice = record.state === State.NEW ? 0 : pick(10);
  if (choice === 9 && record.agent) {
    record.state = State.ENDED;
    return record.add({ kind: Kind.ENDED, role: Role.SYSTEM, author: null, body: '' });
  }
  if (choice >= 7 && record.state !== State.ENDED) {
    record.agent = pick(2) ? ADA : GRACE;
    record.state = State.ACTIVE;
    const { account, name } = record.agent;
    return record.add({ kind: Kind.JOINED, role: Role.AGENT, author: account, body: name });
  }
  if (choice >= 4) {
    const received = pick(top + 1);
    return record.mark(pick(2) ? 1 : 2, received, pick(received + 1));
  }
  if (choice === 3) return record.add({ kind: Kind.VOID, role: Role.SYSTEM, author: null, body: '' });
  if (record.state === State.NEW) record.state = State.WAITING;
  const speaker = pick(2) && record.agent ? record.agent.account : VISITOR;
  return record.add({ role: speaker === VISITOR ? Role.VISITOR : Role.AGENT, author: speaker });
}

/** What people see of a thread. The snapshot's own copy of the view is older by nature. */
function seen({ state, agent, messages, marks, typing, more, behind }: Thread) {
  return { state, agent: agent?.account ?? null, messages, marks, typing, more, behind };
}

const fresh = (record: Record) => reduceThread(emptyThread(CONVERSATION), record.snapshot(0), AT);

test('a snapshot at any moment and the frames after it equal a fresh snapshot', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const pick = generator(seed);
    const record = new Record();
    let thread = emptyThread(CONVERSATION);
    for (let step = 0; step < 40; step += 1) {
      thread = reduceThread(thread, happen(record, pick), AT);
      if (pick(6) === 0) thread = reduceThread(emptyThread(CONVERSATION), record.snapshot(0), AT);
      assert.deepEqual(seen(thread), seen(fresh(record)), `seed ${seed}, step ${step}`);
    }
  }
});

test('frames that are lost, doubled or late do no harm once the client has asked again', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const pick = generator(seed);
    const record = new Record();
    let thread = emptyThread(CONVERSATION);
    const late: ServerFrame[] = [];
    for (let step = 0; step < 40; step += 1) {
      const frame = happen(record, pick);
      const fate = pick(5);
      if (fate === 0) late.push(frame);
      const heard = fate === 0 ? [] : fate === 1 ? [frame, frame] : [frame, ...late.splice(0)];
      thread = heard.reduce((it, one) => reduceThread(it, one, AT), thread);
      if (thread.behind) thread = reduceThread(thread, record.snapshot(positionOf(thread)), AT);
    }
    thread = reduceThread(thread, record.snapshot(positionOf(thread)), AT);
    assert.deepEqual(seen(thread), seen(fresh(record)), `seed ${seed}`);
  }
});

test('paging back from the latest page gives the whole conversation', () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const pick = generator(seed);
    const record = new Record();
    for (let step = 0; step < 40; step += 1) happen(record, pick);
    let thread = reduceThread(emptyThread(CONVERSATION), record.snapshot(0, PAGE), AT);
    while (thread.more) {
      const before = (thread.messages[0]?.seq ?? 1) - 1;
      const page = record.messages.slice(Math.max(0, before - PAGE), before);
      const more = before > PAGE;
      thread = reduceThread(thread, { ...record.snapshot(0), messages: page, recovered: false, more }, AT);
    }
    assert.deepEqual(seen(thread), seen(fresh(record)), `seed ${seed}`);
  }
});
