import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialsOf } from './Avatar.tsx';

test('initials: first and last word; Chinese people by their last two characters, businesses by the first', () => {
  const people = ['Ada Moreno', 'ada', 'Ana María de la Cruz', '李雅婷', '👩‍🌾 Fern', ''];
  assert.deepEqual(
    people.map((name) => initialsOf(name, true)),
    ['AM', 'A', 'AC', '雅婷', '👩F', ''],
  );
  assert.equal(initialsOf('蕨与橡', false), '蕨');
});
