// What visitors and people are called.

import type { ConversationView, VisitorView } from '../../client/frames.ts';
import { say } from './say.ts';

/** The page's title, or the path of its address: short enough for a list. Empty when nothing is known. */
export function pageName(visitor: VisitorView): string {
  if (visitor.pageTitle) return visitor.pageTitle;
  try {
    const { hostname, pathname } = new URL(visitor.pageUrl);
    return pathname === '/' ? hostname : decodeURIComponent(pathname);
  } catch {
    return '';
  }
}

/** Their name or address if they gave one; else the page they came from tells one visitor from another. */
export function visitorName(visitor: VisitorView | null): string {
  if (!visitor) return say('visitor');
  if (visitor.name || visitor.email) return visitor.name || visitor.email;
  const page = pageName(visitor);
  return page ? say('visitorFrom', { page }) : say('visitor');
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
