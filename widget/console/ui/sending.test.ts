import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSending } from './sending.ts';

const ENTER = { key: 'Enter', shiftKey: false, isComposing: false, keyCode: 13 };

test('Enter sends', () => {
  assert.equal(isSending(ENTER), true);
  assert.equal(isSending({ ...ENTER, key: 'a', keyCode: 65 }), false);
});

test('Enter with Shift makes a new line', () => {
  assert.equal(isSending({ ...ENTER, shiftKey: true }), false);
});

test('an Enter that chooses a word of an input method sends nothing, in any browser', () => {
  assert.equal(isSending({ ...ENTER, isComposing: true }), false);
  assert.equal(isSending({ ...ENTER, keyCode: 229 }), false);
});
