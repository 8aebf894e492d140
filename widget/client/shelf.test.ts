import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cookieShelf } from './cookieShelf.ts';
import { shelf } from './shelf.ts';

const blocked = (): Storage => {
  throw new DOMException('denied', 'SecurityError');
};

test('storage that is switched off is replaced by memory', () => {
  const it = shelf(blocked, 'key');
  assert.equal(it.get(), null);
  it.set('value');
  assert.equal(it.get(), 'value');
  it.clear();
  assert.equal(it.get(), null);
});

/** Keeps name and value of what is set, as document.cookie does. */
function jarOf(works: boolean) {
  const cookies = new Map<string, string>();
  const written: string[] = [];
  return {
    written,
    get cookie() {
      return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    },
    set cookie(text: string) {
      written.push(text);
      const [name = '', value = ''] = text.split(';')[0]?.split('=') ?? [];
      if (!works) return;
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    },
  };
}

test('a frame whose storage is blocked keeps its value in a cookie of this site alone', () => {
  const jar = jarOf(true);
  shelf(blocked, 'key', cookieShelf('aican:token:a', '/panel', jar)).set('a=b; c');
  assert.match(jar.written[0] ?? '', /; Path=\/panel; Max-Age=\d+; Secure; SameSite=None; Partitioned$/);
  const reloaded = cookieShelf('aican:token:a', '/panel', jar);
  assert.equal(reloaded.get(), 'a=b; c');
  reloaded.clear();
  assert.equal(cookieShelf('aican:token:a', '/panel', jar).get(), null);
});

test('where cookies are refused too, memory is left', () => {
  const it = cookieShelf('name', '/panel', jarOf(false));
  it.set('value');
  assert.equal(it.get(), 'value');
});
