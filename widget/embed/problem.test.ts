import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemOf } from './problem.ts';

const OURS = ['https://chat.example', 'https://shop.example'];

test('where nothing keeps the panel away, nothing is said', () => {
  assert.equal(problemOf('k', true, OURS, ['https://shop.example']), '');
  assert.equal(problemOf('k', true, OURS, ['https://shop.example', 'https://chat.example']), '');
});

test('an unknown key is named with the commands that tell and make keys', () => {
  const said = problemOf('shop-1', false, [], ['https://shop.example']);
  assert.match(said, /no site with the key "shop-1".*aican site list.*aican site create/);
});

test('an origin that is not listed is named with the command that lists it, the first of several', () => {
  const said = problemOf('k', true, OURS, [
    'https://shop.example',
    'https://portal.example',
    'https://b.example',
  ]);
  assert.match(
    said,
    /name https:\/\/portal\.example\. Run: aican site set k --add-origin https:\/\/portal\.example$/,
  );
});

test('a page without an origin is told to have one', () => {
  assert.match(problemOf('k', true, OURS, ['null']), /serve it over http/);
});
