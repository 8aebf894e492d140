import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathOf, routeOf } from './route.ts';
import { readSettings } from './settings.ts';

const ID = '0192f0c1-7e1a-7c3d-9b5e-6f708192a3b4';

test('an address leads to the list, to a conversation or to the welcome page', () => {
  assert.deepEqual(routeOf('/console', ''), { is: 'list' });
  assert.deepEqual(routeOf(pathOf(ID), ''), { is: 'conversation', id: ID });
  assert.deepEqual(routeOf('/console/c/nonsense', ''), { is: 'list' });
  assert.deepEqual(routeOf('/console/welcome', '#abc_-1'), { is: 'welcome', token: 'abc_-1' });
  assert.deepEqual(routeOf('/console/welcome', '#%'), { is: 'welcome', token: '%' });
});

test('kept settings that cannot be understood are the usual ones', () => {
  const usual = { theme: 'system', sound: false, desktop: false };
  for (const json of [null, '', '{', 'null', '[]', '{"theme":"pink","sound":"yes"}']) {
    assert.deepEqual(readSettings(json), usual, String(json));
  }
  assert.deepEqual(readSettings('{"theme":"dark","sound":true}'), { ...usual, theme: 'dark', sound: true });
});
