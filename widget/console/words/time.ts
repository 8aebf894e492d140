// Times and durations as people read them.

import { language, locale, say } from './say.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "0:42", "12:05", "1:02:09": a wait that ticks. */
export function stopwatch(ms: number): string {
  const total = Math.max(0, Math.floor(ms / SECOND));
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const tail = `${hours > 0 ? String(minutes).padStart(2, '0') : minutes}:${String(seconds).padStart(2, '0')}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

/** "4 min", "3 h": the largest whole unit. */
export function rough(ms: number): string {
  if (ms >= DAY) return say('days', { count: Math.floor(ms / DAY) });
  if (ms >= HOUR) return say('hours', { count: Math.floor(ms / HOUR) });
  if (ms >= MINUTE) return say('minutes', { count: Math.floor(ms / MINUTE) });
  return say('seconds', { count: Math.max(1, Math.ceil(ms / SECOND)) });
}

/** How long ago, for lists; under a minute it is "now". */
export function ago(ms: number): string {
  return ms < MINUTE ? say('justNow') : rough(ms);
}

const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(locale, { weekday: 'long', month: 'long', day: 'numeric' });
const withYear = new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'long', day: 'numeric' });
const full = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });

export const timeOfDay = (at: number): string => clock.format(at);

export const dateAndTime = (at: number): string => full.format(at);

export function isSameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** "Today", "Yesterday", "Monday, 3 May", or with the year when it is another one. */
export function dayOf(at: number, now: number): string {
  if (isSameDay(at, now)) return say('today');
  if (isSameDay(at, now - DAY)) return say('yesterday');
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? weekday : withYear).format(at);
}

/** The time of day in a visitor's timezone with its distance from ours in hours; null if the name is not known. */
export function timeIn(
  timezone: string,
  now: number,
): { readonly time: string; readonly hours: number } | null {
  try {
    const options = { hour: '2-digit', minute: '2-digit', timeZone: timezone } as const;
    return { time: new Intl.DateTimeFormat(locale, options).format(now), hours: distance(timezone, now) };
  } catch {
    return null;
  }
}

/** Both times are read as if they were UTC, so their difference is the distance of the zones. */
function distance(timezone: string, now: number): number {
  const read = (timeZone?: string) =>
    Date.parse(`${new Date(now).toLocaleString('en-US', timeZone ? { timeZone } : {})} UTC`);
  return Math.round((read(timezone) - read()) / (15 * MINUTE)) / 4;
}

/** "French", "简体中文": the name of a language tag; the tag itself if there is none. */
export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames(language, { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
