import assert from 'node:assert/strict';
import { test } from 'node:test';
import { piecesOf } from './links.ts';

const hrefs = (text: string) => piecesOf(text).flatMap(({ href }) => href ?? []);

const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['see https://shop.example/a?b=1&c=2#d.', ['https://shop.example/a?b=1&c=2#d']],
  ['(https://shop.example/a)', ['https://shop.example/a']],
  ['https://shop.example/a_(b)', ['https://shop.example/a_(b)']],
  ['请看https://shop.example/a，谢谢', ['https://shop.example/a']],
  ['write to ada@shop.example!', ['mailto:ada@shop.example']],
  ['mailto:ada@shop.example', ['mailto:ada@shop.example']],
  ['HTTP://SHOP.EXAMPLE', ['http://shop.example/']],
  ['javascript:alert(1)', []],
  ['data:text/html,x vbscript:x file:///etc/passwd', []],
  ['https://', []],
  ['no link at all', []],
];

for (const [text, expected] of CASES) {
  test(`links of ${text}`, () => {
    assert.deepEqual(hrefs(text), expected);
  });
}

test('the pieces together are the text, unchanged', () => {
  for (const [text] of CASES) {
    assert.equal(
      piecesOf(text)
        .map((piece) => piece.text)
        .join(''),
      text,
    );
  }
});

test('a long text without spaces is read in no time', () => {
  const before = performance.now();
  piecesOf('a.'.repeat(4000));
  piecesOf(`${'a.'.repeat(2000)}@${'b-'.repeat(2000)}`);
  assert.ok(performance.now() - before < 500);
});
