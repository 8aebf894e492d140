// Times as people read them, in their own language.

import { language, words } from './words.ts';

const clock = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(language, { weekday: 'long', month: 'long', day: 'numeric' });
const date = new Intl.DateTimeFormat(language, { year: 'numeric', month: 'long', day: 'numeric' });

const DAY_MS = 86_400_000;

export function timeOf(at: number): string {
  return clock.format(at);
}

/** A key that is the same for moments of one day where the visitor is. */
export function dayOf(at: number): string {
  return new Date(at).toDateString();
}

export function dayName(at: number, now: number): string {
  if (dayOf(at) === dayOf(now)) return words.today;
  if (dayOf(at) === dayOf(now - DAY_MS)) return words.yesterday;
  return (new Date(at).getFullYear() === new Date(now).getFullYear() ? weekday : date).format(at);
}
