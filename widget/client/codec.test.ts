import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as codec from './codec.ts';
import type { Frame } from './frames.ts';
import { BadFrame } from './schema.ts';

interface Vector {
  readonly side: 'client' | 'server';
  readonly name: string;
  readonly json: unknown;
  readonly msgpack: string;
}

const file = new URL('../../tests/vectors/frames.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as readonly Vector[];

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const pack = (side: Vector['side'], wire: string): Frame =>
  side === 'client' ? codec.decodeClient(bytes(wire)) : codec.decodeServer(bytes(wire));
const parse = (side: Vector['side'], json: unknown): Frame =>
  side === 'client'
    ? codec.decodeClientJson(JSON.stringify(json))
    : codec.decodeServerJson(JSON.stringify(json));

test('there are vectors for both sides', () => {
  assert.ok(vectors.some(({ side }) => side === 'client') && vectors.some(({ side }) => side === 'server'));
});

for (const [index, { side, name, json, msgpack }] of vectors.entries()) {
  test(`vector ${index}, ${name}: the same bytes and the same value in both directions`, () => {
    const frame = pack(side, msgpack);
    assert.equal(frame.type, name);
    assert.equal(hex(codec.encode(frame)), msgpack);
    assert.deepEqual(parse(side, json), frame);
    assert.deepEqual(JSON.parse(codec.encodeJson(frame)), json);
  });
}

test('every frame cut short anywhere is refused, never half read', () => {
  for (const { side, msgpack } of vectors) {
    for (let end = 0; end < Math.min(msgpack.length, 400); end += 2) {
      assert.throws(() => pack(side, msgpack.slice(0, end)), BadFrame);
    }
  }
});

test('a field that a newer server adds at the end is ignored; a client may not add one', () => {
  assert.deepEqual(parse('server', [76, 9, 'new']), { type: 'Done', ref: 9 });
  assert.throws(() => parse('client', [18, 0, '0192f0c1-7e1a-8c3d-9b5e-6f708192a3b4', 1]), BadFrame);
});

const BAD: readonly (readonly [string, unknown])[] = [
  ['not an array', { kind: 76 }],
  ['an unknown kind', [99, 0]],
  ['a client kind from the server', [7, 0, []]],
  ['a missing field', [77, 0]],
  ['a wrong type', [77, 0, 'yes']],
  ['a negative number', [76, -1]],
  ['a fraction', [76, 1.5]],
  ['a ref too large', [76, 2 ** 32]],
  ['an unknown role', [71, 0, '0192f0c1-7e1a-8c3d-9b5e-6f708192a3b4', [9, 1, 1]]],
  ['an identifier that is none', [71, 0, 'x', [1, 1, 1]]],
];

for (const [what, json] of BAD) {
  test(`${what} is refused`, () => {
    assert.throws(() => parse('server', json), BadFrame);
  });
}

test('a map, a long binary or a claimed gigabyte is refused before it is built', () => {
  for (const wire of ['80', `c411${'00'.repeat(17)}`, 'ddffffffff', 'dbffffffff', 'c1']) {
    assert.throws(() => codec.decodeServer(bytes(wire)), BadFrame);
  }
});

test('half a surrogate pair becomes a replacement character, since the server would hang up on it', () => {
  const frame = {
    type: 'Introduce',
    ref: 1,
    name: 'a\uD83D b\uDC4B',
    email: '👋',
  } as const;
  assert.deepEqual(codec.decodeClient(codec.encode(frame)), {
    ...frame,
    name: 'a\uFFFD b\uFFFD',
  });
});

test('a text is counted in characters, as people and the server do', () => {
  const post = (text: string) =>
    ({
      type: 'Introduce',
      ref: 1,
      name: text,
      email: '',
    }) as const;
  assert.ok(codec.encode(post('👋'.repeat(256))));
  assert.throws(() => codec.encode(post('👋'.repeat(257))), BadFrame);
});
