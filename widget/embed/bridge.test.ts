import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toLauncher, toPanel, wrap } from './bridge.ts';

const PAGE = { type: 'page', url: 'https://a.example/', title: 'A', referrer: '', color: '#2b5be2' } as const;

test('what one side wraps, the other understands', () => {
  assert.equal(toPanel(wrap(PAGE))?.type, 'page');
  assert.equal(toPanel(wrap({ type: 'shown', focus: true }))?.type, 'shown');
  assert.equal(toLauncher(wrap({ type: 'unread', count: 2, talking: true }))?.type, 'unread');
  const why = { type: 'why', problem: 'such and such' } as const;
  assert.equal(toLauncher(wrap(why))?.type, 'why');
});

const FOREIGN: readonly unknown[] = [
  null,
  'close',
  { type: 'close' },
  { mark: 'aican/2', type: 'close' },
  { mark: 'aican/1', type: 'toString' },
  { mark: 'aican/1', type: 'unread', count: -1, talking: true },
  { mark: 'aican/1', type: 'unread', count: '1', talking: true },
  { mark: 'aican/1', type: 'unread', count: 1 },
  { mark: 'aican/1', type: 'why', problem: 7 },
];

test('anything else is dropped', () => {
  for (const message of FOREIGN) assert.equal(toLauncher(message), null);
  assert.equal(toPanel(wrap({ type: 'close' })), null);
  assert.equal(toPanel(wrap({ ...PAGE, color: 'red;background:url(x)' })), null);
  assert.equal(toPanel(wrap({ ...PAGE, url: 'x'.repeat(10_000) })), null);
});
