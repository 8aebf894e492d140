/** Looks a sentence up in the table, in the language that the browser asks for first. */

import { TABLE } from './table.ts';

export type Phrase = keyof typeof TABLE;

type Hole<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Hole<Rest>
  : never;
type Holes<Name extends Phrase> = Hole<(typeof TABLE)[Name][0]>;
type Filling<Name extends Phrase> = [Holes<Name>] extends [never]
  ? []
  : [fill: Record<Holes<Name>, string | number>];

export type Language = 'en' | 'zh-CN';

/** Chinese of any kind is better served by Simplified Chinese than by English. */
export function preferred(languages: readonly string[]): Language {
  for (const language of languages) {
    if (/^zh\b/i.test(language)) return 'zh-CN';
    if (/^en\b/i.test(language)) return 'en';
  }
  return 'en';
}

function filled(text: string, fill: Record<string, string | number>): string {
  const [one, many] = text.split(' | ');
  const chosen = many !== undefined && fill['count'] !== 1 ? many : (one ?? text);
  return chosen.replace(/\{(\w+)\}/g, (_, name: string) => String(fill[name] ?? ''));
}

/** A speaker of one language. Tests make their own; the application uses `say`. */
export function speaker(language: Language) {
  const column = language === 'en' ? 0 : 1;
  return <Name extends Phrase>(name: Name, ...[fill]: Filling<Name>): string =>
    filled(TABLE[name][column], fill ?? {});
}

const wished = typeof navigator === 'undefined' ? [] : navigator.languages;

export const language: Language = preferred(wished);

/** The language with its region, for dates and times: whoever reads British English expects 14:05, not 2:05 PM. */
export const locale = wished.find((each) => each.slice(0, 2) === language.slice(0, 2)) ?? language;

export const say = speaker(language);
