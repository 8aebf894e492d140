import assert from 'node:assert/strict';
import { test } from 'node:test';
import { visitor } from '../../test/frames.ts';
import { aliasOf, hueOfVisitor } from './aliases.ts';
import { pageName, visitorName } from './names.ts';

/** Visitors' ids as the server makes them: random at the end. */
const IDS = Array.from({ length: 20_000 }, (_, i) => {
  const end = Math.imul(i + 1, 0x9e37_79b1) >>> 0;
  return `0192f0c1-0000-7000-8000-0000${end.toString(16).padStart(8, '0')}`;
});
const [FOX = ''] = IDS;

test('a visitor is called by name, else by address, else by a name of ours', () => {
  assert.equal(visitorName(visitor({ name: 'Mia', email: 'm@x' })), 'Mia');
  assert.equal(visitorName(visitor({ email: 'm@x' })), 'm@x');
  assert.equal(visitorName(visitor({ visitor: FOX })), `Visitor · ${aliasOf(FOX, 'en')}`);
  assert.equal(visitorName(null), 'Visitor');
});

test('the name of ours follows from the id alone: every console and every session makes the same', () => {
  assert.equal(aliasOf('0192f0c1-0000-7000-8000-000000000001', 'en'), 'Amber Alpaca');
  assert.equal(aliasOf('0192f0c1-0000-7000-8000-000000000001', 'zh-CN'), '琥珀羊驼');
  const here = visitor({ visitor: FOX, pageUrl: 'https://shop.example/a' });
  const there = visitor({ visitor: FOX, pageUrl: 'https://shop.example/b', browser: 'Firefox 145' });
  assert.equal(visitorName(here), visitorName(there));
});

test('names are many, in both languages alike, and about equally frequent', () => {
  for (const language of ['en', 'zh-CN'] as const) {
    const counts = new Map<string, number>();
    for (const id of IDS) counts.set(aliasOf(id, language), (counts.get(aliasOf(id, language)) ?? 0) + 1);
    assert.equal(counts.size, 1536, language);
    assert.ok(Math.max(...counts.values()) < 40, language);
    assert.ok([...counts.keys()].every((name) => !name.includes('undefined')));
  }
});

test('the picture has the colour of the name', () => {
  const huesOf = new Map<string, Set<number>>();
  for (const id of IDS) {
    const [color = ''] = aliasOf(id, 'en').split(' ');
    huesOf.set(color, (huesOf.get(color) ?? new Set()).add(hueOfVisitor(id)));
  }
  assert.equal(huesOf.size, 24);
  assert.ok([...huesOf.values()].every((hues) => hues.size === 1));
});

test('an id that is none still has a name', () => {
  assert.match(aliasOf('', 'en'), /^\w+ \w+$/);
});

test('a page is called by its title, else by its path', () => {
  const page = (pageTitle: string, pageUrl: string) => pageName(visitor({ pageTitle, pageUrl }));
  assert.equal(page('Oil · Shop', 'https://shop.example/oil'), 'Oil · Shop');
  assert.equal(page('', 'https://shop.example/care/%C3%B6l?x=1'), '/care/öl');
  assert.equal(page('', 'https://shop.example/'), 'shop.example');
  assert.equal(page('', 'https://x.example/%E0%A4%A'), '');
  assert.equal(page('', 'not an address'), '');
});
