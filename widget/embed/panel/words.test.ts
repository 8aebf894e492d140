import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogue } from '../../test/specification.ts';
import { EN, refusalText, ZH } from './words.ts';

test('every refusal of the catalogue has its Chinese, and says in English what the server says', () => {
  const refusals = catalogue('Refusals');
  assert.ok(refusals.length >= 13);
  for (const { code, name, text } of refusals) {
    assert.match(refusalText({ code, text }, ZH), /\p{sc=Han}/u, name);
    assert.notEqual(refusalText({ code, text }, ZH), ZH.notAccepted, name);
    assert.equal(refusalText({ code, text }, EN), text);
  }
});

test('a refusal that is not known yet is never told in another language', () => {
  const later = { code: 199, text: 'Some later reason.' };
  assert.equal(refusalText(later, ZH), ZH.notAccepted);
  assert.equal(refusalText(later, EN), later.text);
  assert.equal(refusalText({ code: 199, text: '' }, EN), EN.notAccepted);
});

test('no word of either language promises mail: there is none', () => {
  for (const { leave } of [EN, ZH]) {
    const said = [leave.title, leave.why, leave.thanks('ada@shop.example')].join(' ');
    assert.doesNotMatch(said, /write to|by e-mail|写信|通过邮件/);
  }
});
