// One value in a partitioned cookie: browsers that block a frame's storage on other people's sites still allow these,
// since what one site's page sees of it no other site's page does (CHIPS).

import { memory, type Shelf } from './shelf.ts';

/** As long as a visitor token is good. */
const DAYS = 30;
const DAY_S = 86_400;

/** `page` is where it is good: a path of this origin. Without https there are no such cookies: then memory. */
export function cookieShelf(name: string, page: string, jar: { cookie: string } = document): Shelf {
  const kept = memory();
  const prefix = `${encodeURIComponent(name)}=`;
  const write = (value: string, seconds: number) => {
    const about = `Path=${page}; Max-Age=${seconds}; Secure; SameSite=None; Partitioned`;
    jar.cookie = `${prefix}${encodeURIComponent(value)}; ${about}`;
  };
  return {
    get() {
      const found = jar.cookie.split('; ').find((it) => it.startsWith(prefix));
      return found ? decodeURIComponent(found.slice(prefix.length)) : kept.get();
    },
    set(value) {
      kept.set(value);
      write(value, DAYS * DAY_S);
    },
    clear() {
      kept.clear();
      write('', 0);
    },
  };
}
