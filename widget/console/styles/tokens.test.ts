import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

type Pair = readonly [light: string, dark: string];

function token(name: string): Pair {
  const pair = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(css);
  const single = new RegExp(`--${name}: (#\\w{6});`).exec(css);
  if (pair?.[1] && pair[2]) return [pair[1], pair[2]];
  if (single?.[1]) return [single[1], single[1]];
  throw new Error(`no colour --${name}`);
}

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((i) => {
    const value = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

/** Each colour of text with everything that it stands on. */
const STANDS_ON: Readonly<Record<string, readonly string[]>> = {
  ink: ['canvas', 'surface', 'raised', 'sunken', 'hover', 'selected', 'accent-soft', 'bad-soft'],
  'ink-2': ['canvas', 'surface', 'raised', 'sunken', 'hover'],
  'ink-3': ['canvas', 'surface', 'raised', 'sunken', 'hover', 'selected'],
  'accent-ink': ['canvas', 'surface', 'raised', 'sunken', 'hover', 'selected', 'accent-soft'],
  'on-accent': ['accent', 'accent-hover'],
  warm: ['warm-soft', 'surface'],
  bad: ['bad-soft', 'surface', 'canvas'],
};

for (const [name, grounds] of Object.entries(STANDS_ON)) {
  test(`--${name} is readable on everything that it stands on, light and dark`, () => {
    for (const ground of grounds) {
      for (const i of [0, 1] as const) {
        const ratio = contrast(token(name)[i], token(ground)[i]);
        assert.ok(ratio >= 4.5, `--${name} on --${ground} (${i ? 'dark' : 'light'}): ${ratio.toFixed(2)}`);
      }
    }
  });
}
