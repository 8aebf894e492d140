import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogue } from '../../test/specification.ts';
import { fieldProblem } from './fields.ts';
import { closureText, failureText, refusalText } from './refusals.ts';
import { say } from './say.ts';
import { TABLE } from './table.ts';

const TELLERS = { Refusals: refusalText, Closures: closureText } as const;

for (const heading of ['Refusals', 'Closures'] as const) {
  test(`every entry of the catalogue has its Chinese: ${heading}`, () => {
    const entries = catalogue(heading);
    assert.ok(entries.length >= 11);
    for (const { code, text, name } of entries) {
      const chinese = TELLERS[heading]({ code, text }, 'zh-CN');
      assert.match(chinese, /\p{sc=Han}/u, name);
      assert.doesNotMatch(chinese, /代码 \d/, name);
      const english = name === 'ended' ? 'This conversation has ended.' : text;
      assert.equal(TELLERS[heading]({ code, text }, 'en'), english);
    }
  });
}

test('what is not known yet is told in English by the server, elsewhere by its code', () => {
  assert.equal(refusalText({ code: 199, text: 'Later.' }, 'en'), 'Later.');
  assert.equal(refusalText({ code: 199, text: 'Later.' }, 'zh-CN'), '未被接受（代码 199）。');
  assert.equal(closureText({ code: 1006, text: '' }, 'en'), 'code 1006');
});

test('no answer is no refusal', () => {
  assert.equal(failureText({ refusal: null }), say('serverTrouble'));
  assert.equal(
    failureText({ refusal: { code: 121, text: 'No such.', then: 'stop', detail: '' } }),
    'No such.',
  );
});

test('a refused field says why in the language of whoever fills it in', () => {
  assert.deepEqual(fieldProblem('email', 'an e-mail address', 'en'), { email: 'An e-mail address.' });
  assert.deepEqual(fieldProblem('email', 'an e-mail address', 'zh-CN'), { email: TABLE.refusedEmail[1] });
  assert.deepEqual(fieldProblem('password', '', 'en'), { password: TABLE.refusedPassword[0] });
});

test('a refusal of no field that is on the page stands by the button', () => {
  assert.deepEqual(fieldProblem('body', 'JSON', 'en'), { form: TABLE.refusedForm[0] });
  assert.deepEqual(fieldProblem(null, '', 'zh-CN'), { form: TABLE.refusedForm[1] });
});
