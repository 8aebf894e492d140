import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONVERSATION } from '../test/frames.ts';
import { FakeLocks, FakeStorage, ManualWorld, memoryShelf, settle } from '../test/world.ts';
import { type Draft, keepDrafts } from './drafts.ts';
import { Legacy } from './legacy.ts';
import { shelf } from './shelf.ts';
import { uuid7 } from './uuid7.ts';

const PREFIX = 'aican:drafts:site:';
const DAY_MS = 86_400_000;

/** A browser whose tabs share one storage, and locks where it has them. */
function browserOf(locks?: FakeLocks) {
  const world = new ManualWorld();
  const storage = new FakeStorage();
  let count = 0;
  const draft = (text: string): Draft => {
    const writtenAt = world.clock.now();
    const conduct = { elapsedMs: 1, decoy: '' };
    return {
      clientId: uuid7(world),
      conversation: CONVERSATION,
      text,
      conduct,
      writtenAt,
      status: { is: 'waiting' },
    };
  };
  const open = (former = memoryShelf()) => {
    count += 1;
    const id = `tab-${count}`;
    const legacy = new Legacy({
      storage: () => storage as unknown as Storage,
      prefix: PREFIX,
      id,
      locks: locks?.of(id),
      former,
      now: world.clock.now,
    });
    const held: Draft[] = [];
    legacy.begin((drafts) => {
      held.push(...drafts);
      keepDrafts(legacy.own, held);
    });
    const write = (text: string) => {
      held.push(draft(text));
      keepDrafts(legacy.own, held);
      return PREFIX + id;
    };
    return { legacy, id, former, write, texts: () => held.map(({ text }) => text) };
  };
  return { world, storage, open };
}

test('what a closed tab left goes to the next one, which keeps it in its own name', async () => {
  const locks = new FakeLocks();
  const { storage, open } = browserOf(locks);
  const first = open();
  first.write('one');
  locks.close(first.id);
  const next = open();
  await settle();
  assert.deepEqual(next.texts(), ['one']);
  assert.deepEqual(storage.names(), [PREFIX + next.id]);
});

test('a tab that is open keeps its own; once it is closed, exactly one of the others has it', async () => {
  const locks = new FakeLocks();
  const { storage, open } = browserOf(locks);
  const tabs = [open(), open(), open()] as const;
  const name = tabs[0].write('one');
  for (const { legacy } of tabs) legacy.heard(name);
  for (const { legacy } of tabs) legacy.heard(name);
  await settle();
  assert.deepEqual([tabs[1].texts(), tabs[2].texts()], [[], []]);
  locks.close(tabs[0].id);
  await settle();
  assert.deepEqual([...tabs[1].texts(), ...tabs[2].texts()], ['one']);
  assert.equal(storage.names().length, 1);
});

test('what was inherited is inherited again', async () => {
  const locks = new FakeLocks();
  const { open } = browserOf(locks);
  const first = open();
  first.write('one');
  locks.close(first.id);
  const second = open();
  await settle();
  locks.close(second.id);
  const third = open();
  await settle();
  assert.deepEqual(third.texts(), ['one']);
});

test('entries of other sites and of other things are left alone', async () => {
  const locks = new FakeLocks();
  const { storage, open } = browserOf(locks);
  const kept = ['aican:drafts:other:tab', 'aican:token:site'];
  for (const name of kept) storage.setItem(name, '[]');
  const { legacy } = open();
  for (const name of kept) legacy.heard(name);
  await settle();
  assert.deepEqual(storage.names(), kept);
});

test('a draft that is older than any token is dropped', async () => {
  const locks = new FakeLocks();
  const { world, storage, open } = browserOf(locks);
  const first = open();
  first.write('one');
  locks.close(first.id);
  world.sleep(31 * DAY_MS);
  const next = open();
  await settle();
  assert.deepEqual([next.texts(), storage.names()], [[], []]);
});

test('without locks a reload has its own at once, and another tab takes only what is older than a minute', () => {
  const { world, open } = browserOf();
  const first = open();
  first.write('one');
  assert.deepEqual(open().texts(), []);
  const reloaded = open(first.former);
  assert.deepEqual(reloaded.texts(), ['one']);
  world.sleep(60_001);
  assert.deepEqual(open().texts(), ['one']);
});

test('where storage and locks are blocked, nothing is inherited and this page keeps its own', async () => {
  const blocked = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  const locks = { request: () => Promise.reject(new DOMException('denied', 'SecurityError')) };
  const legacy = new Legacy({
    storage: blocked,
    prefix: PREFIX,
    id: 'a',
    locks,
    former: shelf(blocked, 'former'),
    now: () => 0,
  });
  legacy.begin(() => assert.fail('nothing is there'));
  legacy.heard(`${PREFIX}b`);
  await settle();
  legacy.own.set('[]');
  assert.equal(legacy.own.get(), '[]');
});
