// What visitors and people are called.

import type { ConversationView, VisitorView } from '../../client/frames.ts';
import { aliasOf } from './aliases.ts';
import { language, say } from './say.ts';

/** The path of an address, or its host where the path says nothing. Empty if it is no address. */
export function pathName(url: string): string {
  try {
    const { hostname, pathname } = new URL(url);
    return pathname === '/' ? hostname : decodeURIComponent(pathname);
  } catch {
    return '';
  }
}

/** The page as people know it: its title, else its path. */
export function pageName(visitor: VisitorView): string {
  return visitor.pageTitle || pathName(visitor.pageUrl);
}

/** Their name or address; empty if they gave neither. */
export function givenName(visitor: VisitorView | null): string {
  return visitor?.name || visitor?.email || '';
}

/** What they are called: by a name of ours where they gave none. */
export function visitorName(visitor: VisitorView | null): string {
  if (!visitor) return say('visitor');
  return givenName(visitor) || say('anonymous', { alias: aliasOf(visitor.visitor, language) });
}

export const nameOf = (view: ConversationView): string => visitorName(view.visitor);

/** One or two letters. A Chinese, Japanese or Korean name is told apart by its first character. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const first = letter(words[0]);
  if (/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u.test(first)) return first;
  return (first + (words.length > 1 ? letter(words.at(-1)) : '')).toUpperCase();
}

const letter = (word: string | undefined): string => word?.match(/[\p{L}\p{N}]/u)?.[0] ?? '';

/** One of the palette's hues, the same for the same id everywhere. */
export function hueOf(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return sum % HUES;
}

const HUES = 8;
