// Where in the console the address points: the list, one conversation, or the welcome page of a one-time link.

import type { Id } from '../client/frames.ts';
import { createStore } from '../client/store.ts';

export type Route =
  | { readonly is: 'list' }
  | { readonly is: 'conversation'; readonly id: Id }
  | { readonly is: 'welcome'; readonly token: string };

const ROOT = '/console';
const CONVERSATION = /^\/console\/c\/([0-9a-f-]{36})\/?$/;

/** The token stands after the "#", which browsers keep to themselves: no log ever sees it. */
export function routeOf(path: string, hash: string): Route {
  if (/^\/console\/welcome\/?$/.test(path)) return { is: 'welcome', token: hash.slice(1) };
  const id = CONVERSATION.exec(path)?.[1];
  return id ? { is: 'conversation', id } : { is: 'list' };
}

export function pathOf(id: Id | null): string {
  return id ? `${ROOT}/c/${id}` : ROOT;
}

/** Outside a browser, as in tests of the pure parts, the address is the list's. */
const here = (): Route =>
  typeof location === 'undefined' ? { is: 'list' } : routeOf(location.pathname, location.hash);

export const route = createStore<Route, Route>(here(), (_, next) => next);

/** Goes to a conversation, or to the list; the browser's "back" leads to where one was. */
export function go(id: Id | null): void {
  const path = pathOf(id);
  if (location.pathname + location.hash !== path) history.pushState(null, '', path);
  route.dispatch(here());
}

/** Leaves the welcome page for good: its token is used, and "back" must not lead to it. */
export function leaveWelcome(): void {
  history.replaceState(null, '', ROOT);
  route.dispatch(here());
}

export function followAddress(): void {
  window.addEventListener('popstate', () => route.dispatch(here()));
  window.addEventListener('hashchange', () => route.dispatch(here()));
}
