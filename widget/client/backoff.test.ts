import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff } from './backoff.ts';

const MOST = () => 0.999_999;

test('the first wait is between 0 and 1 s, each next up to twice that, never more than 20 s', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 50].map((attempt) => Math.round(backoff(attempt, MOST)));
  assert.deepEqual(longest, [1000, 2000, 4000, 8000, 16000, 20000, 20000, 20000]);
});

test('any moment of the wait is as likely: a whole restart is spread out', () => {
  assert.equal(
    backoff(3, () => 0),
    0,
  );
  assert.equal(
    backoff(3, () => 0.25),
    1000,
  );
});
