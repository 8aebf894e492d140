import assert from 'node:assert/strict';
import { test } from 'node:test';
import { colorOf, inkOn } from './color.ts';

test('only hexadecimal colours are taken, the short form made long', () => {
  assert.deepEqual(['#ABC', ' #2b5be2 ', 'red', '#12345', undefined].map(colorOf), [
    '#aabbcc',
    '#2b5be2',
    '',
    '',
    '',
  ]);
});

function luminance(color: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255);
  const [r = 0, g = 0, b = 0] = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test('the ink has a contrast of at least 4.5 on every colour', () => {
  for (let step = 0; step < 4096; step += 1) {
    const color = `#${[8, 4, 0].map((shift) => ((step >> shift) & 15).toString(16).repeat(2)).join('')}`;
    const [a = 0, b = 0] = [luminance(color), luminance(inkOn(color))].sort((x, y) => y - x);
    assert.ok((a + 0.05) / (b + 0.05) >= 4.5, color);
  }
});
