// The embedding page and this browser, as Hello tells them.

import type { Page } from '../../client/index.ts';
import { language } from './words.ts';

const SHORT = 256;
const URL_LENGTH = 2048;

export interface Around {
  readonly url: string;
  readonly title: string;
  readonly referrer: string;
}

/** The first `max` characters, never half of one. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : [...text].slice(0, max).join('');
}

export function pageOf({ url, title, referrer }: Around): Page {
  return {
    url: cut(url, URL_LENGTH),
    title: cut(title, SHORT),
    referrer: cut(referrer, URL_LENGTH),
    language: cut(language, SHORT),
    timezone: cut(Intl.DateTimeFormat().resolvedOptions().timeZone ?? '', SHORT),
    screen: `${screen.width}x${screen.height}`,
  };
}
