import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initials } from './names.ts';
import { strengthOf } from './passphrase.ts';
import { preferred, speaker } from './say.ts';
import { TABLE } from './table.ts';
import { dayOf, rough, stopwatch, timeIn } from './time.ts';

const holes = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();

test('both languages of every sentence have the same holes', () => {
  for (const [name, [english, chinese]] of Object.entries(TABLE)) {
    assert.deepEqual(holes(chinese), holes(english), name);
  }
});

test('every sentence has its Chinese, and none uses half-width punctuation between characters', () => {
  const latin = new Set<string>(['product', 'someoneSaid']);
  for (const [name, [, chinese]] of Object.entries(TABLE)) {
    if (!latin.has(name)) assert.match(chinese, /\p{sc=Han}/u, name);
    assert.doesNotMatch(chinese, /\p{sc=Han}[,:;?!]/u, name);
  }
});

test('one and many are told apart', () => {
  const say = speaker('en');
  assert.equal(say('newMessages', { count: 1 }), '1 new message');
  assert.equal(say('newMessages', { count: 3 }), '3 new messages');
  assert.equal(speaker('zh-CN')('newMessages', { count: 3 }), '3 条新消息');
});

test('the first language that there are words for is taken', () => {
  assert.equal(preferred(['zh-Hant-TW', 'en']), 'zh-CN');
  assert.equal(preferred(['de-DE', 'en-GB', 'zh']), 'en');
  assert.equal(preferred(['de-DE']), 'en');
});

test('a wait ticks in minutes and seconds, from an hour on with hours', () => {
  assert.equal(stopwatch(42_900), '0:42');
  assert.equal(stopwatch(725_000), '12:05');
  assert.equal(stopwatch(3_729_000), '1:02:09');
  assert.equal(stopwatch(-5_000), '0:00');
});

test('a rough duration is its largest whole unit', () => {
  assert.deepEqual([400, 61_000, 7_200_000, 200_000_000].map(rough), ['1 s', '1 min', '2 h', '2 d']);
});

test('days near by have names', () => {
  const noon = new Date(2026, 4, 20, 12).getTime();
  assert.equal(dayOf(noon, noon), 'Today');
  assert.equal(dayOf(noon - 86_400_000, noon), 'Yesterday');
  assert.match(dayOf(new Date(2024, 0, 2).getTime(), noon), /2024/);
});

test('a timezone that no browser knows gives no time, half hours are kept', () => {
  assert.equal(timeIn('Mars/Olympus', 0), null);
  const [kolkata, london] = [timeIn('Asia/Kolkata', 0), timeIn('UTC', 0)];
  assert.equal((kolkata?.hours ?? 0) - (london?.hours ?? 0), 5.5);
});

test('initials are two letters, one character for scripts without words, none for nobody', () => {
  assert.equal(initials('Grace Brewster Hopper'), 'GH');
  assert.equal(initials('王小明'), '王');
  assert.equal(initials('  '), '');
  assert.equal(initials('@handle'), 'H');
});

test('a passphrase is judged by length and variety', () => {
  assert.equal(strengthOf('short'), 'short');
  assert.equal(strengthOf('aaaaaaaaaaaaaaaaaaaa'), 'plain');
  assert.equal(strengthOf('happy otter swims'), 'good');
  assert.equal(strengthOf('four happy otters swim south'), 'strong');
});
