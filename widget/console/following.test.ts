import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FrameOf, Id, ServerFrame } from '../client/frames.ts';
import { begin, greet, mine, welcomed } from '../test/agents.ts';
import { message, snapshot, view } from '../test/frames.ts';
import { GRACE } from '../test/workplace.ts';
import { type FakeWire, settle } from '../test/world.ts';

type Watch = ReturnType<FakeWire['all']>[number] & { readonly type: 'Watch' };

const idOf = (n: number): Id => `0192f0c1-7e1a-7c3d-9b5e-${n.toString(16).padStart(12, '0')}`;

/** Mine, in the order of the list: taken last, listed first. */
const own = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    view({ ...mine, conversation: idOf(n), claimedAt: (mine.claimedAt ?? 0) - n }),
  );

const watches = (wire: FakeWire): readonly Watch[] => wire.all('Watch');
const asked = (wire: FakeWire): readonly Id[] => watches(wire).map(({ conversation }) => conversation);

/** The server's answers, and how many questions it has not answered. */
class Answering {
  private readonly done = new Set<number>();
  private readonly wire: FakeWire;

  constructor(wire: FakeWire) {
    this.wire = wire;
  }

  get open(): readonly Watch[] {
    return watches(this.wire).filter(({ ref }) => !this.done.has(ref));
  }

  /** Shows it, as mine unless `fields` say otherwise. */
  async show(watch: Watch, fields: Parameters<typeof view>[0] = mine): Promise<void> {
    const conversation = view({ ...fields, conversation: watch.conversation });
    await this.say(watch, snapshot({ ref: watch.ref, conversation, messages: [message(1)] }));
  }

  async refuse(watch: Watch, fields: Partial<FrameOf<'Refused'>>): Promise<void> {
    const { ref } = watch;
    const limited = { code: 100, text: 'Later.', then: 'retry', retryAfterMs: 700, detail: '' };
    await this.say(watch, { type: 'Refused', ref, ...limited, ...fields });
  }

  private async say({ ref }: Watch, frame: ServerFrame): Promise<void> {
    this.done.add(ref);
    this.wire.says(frame);
    await settle();
  }
}

function first(watches: readonly Watch[]): Watch {
  const [watch] = watches;
  if (!watch) throw new Error('nothing is asked');
  return watch;
}

test('forty of mine are asked for a few at a time, each once, each answer making room for the next', async () => {
  const { world } = await welcomed(...own(40));
  const server = new Answering(world.wire);
  let most = 0;
  while (server.open.length > 0) {
    most = Math.max(most, server.open.length);
    await server.show(first(server.open));
  }
  assert.ok(most >= 2 && most <= 4, `${most} at once`);
  assert.deepEqual(
    asked(world.wire),
    own(40).map(({ conversation }) => conversation),
  );
});

test('what is open is asked for first, though it stands last in the list', async () => {
  const { world, session } = begin();
  session.open(idOf(39));
  session.start();
  await greet(world, GRACE, ...own(40));
  assert.equal(asked(world.wire)[0], idOf(39));
});

test('what is opened meanwhile goes out at once: a place is kept for it, and never are there more than four', async () => {
  const { world, session } = await welcomed(...own(40));
  const server = new Answering(world.wire);
  assert.equal(server.open.length, 3);
  session.open(idOf(30));
  assert.equal(asked(world.wire).at(-1), idOf(30));
  session.open(idOf(31));
  assert.equal(server.open.length, 4);
  await server.show(first(server.open));
  assert.equal(asked(world.wire).at(-1), idOf(31), 'the next place is its');
  assert.equal(server.open.length, 4);
});

test('who goes through a list has no more than four questions on their way, and gets what is open in the end', async () => {
  const { world, session } = await welcomed();
  const server = new Answering(world.wire);
  for (let n = 0; n < 30; n += 1) session.open(idOf(n));
  assert.equal(server.open.length, 4);
  await server.show(first(server.open), {});
  assert.equal(asked(world.wire).at(-1), idOf(29));
  while (server.open.length > 0) await server.show(first(server.open), {});
  assert.equal(watches(world.wire).length, 5);
  assert.equal(session.store.get().threads.get(idOf(29))?.messages.length, 1);
});

test('after a refusal for now nothing is asked before the time that it names, whatever happens meanwhile', async () => {
  const { world, session } = await welcomed(...own(40));
  const server = new Answering(world.wire);
  await server.refuse(first(server.open), { retryAfterMs: 700 });
  await server.show(first(server.open));
  const before = watches(world.wire).length;
  for (let n = 0; n < 20; n += 1) {
    world.wire.says({
      type: 'ConversationChanged',
      ref: 0,
      conversation: view({ ...mine, conversation: idOf(n) }),
    });
    session.open(idOf(n));
    await world.pass(34);
  }
  assert.equal(watches(world.wire).length, before, '680 ms went by');
  await world.pass(20);
  assert.equal(asked(world.wire)[before], idOf(19), 'what is open comes first now, too');
});

test('of several refusals the latest time counts, and one without a time costs a few seconds', async () => {
  const { world } = await welcomed(...own(40));
  const server = new Answering(world.wire);
  for (const retryAfterMs of [900, 300, 600]) await server.refuse(first(server.open), { retryAfterMs });
  await world.pass(899);
  assert.equal(watches(world.wire).length, 3);
  await world.pass(1);
  assert.equal(watches(world.wire).length, 6);
  await server.refuse(first(server.open), { retryAfterMs: null });
  await server.show(first(server.open));
  await world.pass(2_999);
  assert.equal(watches(world.wire).length, 6);
  await world.pass(1);
  assert.ok(watches(world.wire).length > 6);
});

test('a server that refuses everything and names no time to wait is not hammered', async () => {
  const { world } = await welcomed(...own(40));
  const server = new Answering(world.wire);
  for (let ms = 0; ms < 10_000; ms += 10) {
    for (const watch of server.open) await server.refuse(watch, { retryAfterMs: 0 });
    await world.pass(10);
  }
  assert.ok(
    watches(world.wire).length <= 3 * (1 + 10_000 / 250),
    `${watches(world.wire).length} in ten seconds`,
  );
});

test('a server with a budget gets everything through, and refuses seldom', async () => {
  const { world } = await welcomed(...own(60));
  const server = new Answering(world.wire);
  let tokens = 10;
  let refused = 0;
  for (let ms = 0; ms < 8_000; ms += 25) {
    tokens += 25 / 125;
    for (const watch of server.open) {
      if (tokens >= 1) {
        tokens -= 1;
        await server.show(watch);
      } else {
        refused += 1;
        await server.refuse(watch, { retryAfterMs: 125 * refusedTurn(server) });
      }
    }
    await world.pass(25);
  }
  assert.equal(new Set(asked(world.wire)).size, 60);
  assert.equal(server.open.length, 0);
  assert.ok(refused <= 60, `${refused} refusals`);
});

/** Those refused together are told different times: see FairBudget. */
const refusedTurn = (server: Answering) => 4 - server.open.length + 1;

test('what is refused for good is asked once, and the others go on', async () => {
  const { world, session } = await welcomed(...own(5));
  const server = new Answering(world.wire);
  await server.refuse(first(server.open), { code: 121, then: 'stop', retryAfterMs: null });
  while (server.open.length > 0) await server.show(first(server.open));
  await world.pass(15_000);
  assert.equal(watches(world.wire).length, 5);
  assert.deepEqual([...session.store.get().screen.refused.keys()], [idOf(0)]);
});

test('who asks again for what was refused is heard', async () => {
  const { world, session } = await welcomed();
  const server = new Answering(world.wire);
  session.open(idOf(7));
  await server.refuse(first(server.open), { code: 124, then: 'stop', retryAfterMs: null });
  session.retry(idOf(7));
  assert.equal(session.store.get().screen.refused.size, 0);
  await server.show(first(server.open));
  assert.equal(session.store.get().threads.get(idOf(7))?.messages.length, 1);
});

test('one that gives no answer is left alone for a while and holds up no other', async () => {
  const { world } = await welcomed(...own(3));
  const server = new Answering(world.wire);
  const [silent, ...others] = server.open;
  for (const watch of others) await server.show(watch);
  await world.pass(10_000);
  world.wire.says({
    type: 'ConversationChanged',
    ref: 0,
    conversation: view({ ...mine, conversation: idOf(1) }),
  });
  await world.pass(2_999);
  assert.equal(watches(world.wire).length, 3, 'not before three seconds are over');
  await world.pass(1);
  assert.equal(asked(world.wire).at(-1), silent?.conversation);
  assert.equal(watches(world.wire).length, 4);
});

test('a connection that is lost meanwhile is forgotten with its questions and its pause', async () => {
  const { world } = await welcomed(...own(10));
  await new Answering(world.wire).refuse(first(watches(world.wire)), { retryAfterMs: 60_000 });
  world.wire.hangsUp(1006);
  await world.pass(1_000);
  await greet(world, GRACE, ...own(10));
  assert.deepEqual(world.wire.last('HelloAgent').positions, [], 'nothing is held of any');
  const server = new Answering(world.wire);
  while (server.open.length > 0) await server.show(first(server.open));
  assert.equal(new Set(asked(world.wire)).size, 10);
  assert.equal(watches(world.wire).length, 10);
});

test('what is open and in no list is asked for again when a new list comes: it may have been erased', async () => {
  const { world, session } = await welcomed();
  session.open(idOf(1));
  const server = new Answering(world.wire);
  await server.show(first(server.open));
  world.wire.says({ type: 'Queue', ref: 0, conversations: [], ended: [], people: [GRACE] });
  assert.equal(watches(world.wire).length, 2);
  await server.refuse(first(server.open), { code: 121, then: 'stop', retryAfterMs: null });
  const { conversations, threads, screen } = session.store.get();
  assert.deepEqual([conversations.size, threads.size, screen.refused.size], [0, 0, 1]);
});
