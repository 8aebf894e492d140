// Opening and closing, and the talk with the panel.

import { type ToPanel, toLauncher, wrap } from '../bridge.ts';
import { createEvents, type Listen } from './events.ts';
import { forget, recall, remember } from './memory.ts';
import { createView } from './view.ts';
import { followKeyboard, isPhone } from './viewport.ts';
import { words } from './words.ts';

export interface Aican {
  open(): void;
  close(): void;
  toggle(): void;
  readonly isOpen: boolean;
  readonly on: Listen;
}

export interface WidgetOptions {
  readonly site: string;
  /** The script's own address: the panel lies beside it. */
  readonly base: string;
  readonly side: 'left' | 'right';
  readonly color: string;
}

export function createWidget({ site, base, side, color }: WidgetOptions) {
  const address = new URL(`panel?site=${encodeURIComponent(site)}`, base);
  const view = createView(side, color);
  const events = createEvents();
  let panel: HTMLIFrameElement | null = null;
  let isOpen = false;
  let isLoaded = false;
  let takesFocus = false;
  let isTalking = false;

  const say = (message: ToPanel) => {
    if (isLoaded) panel?.contentWindow?.postMessage(wrap(message), address.origin);
  };

  const greet = () => {
    // Without the fragment: it may hold what a sign-in handed over.
    const url = window.location.href.replace(/#.*/, '');
    say({ type: 'page', url, title: document.title, referrer: document.referrer, color });
    say(isOpen ? { type: 'shown', focus: takesFocus } : { type: 'hidden' });
  };

  const load = () => {
    if (panel) return;
    panel = document.createElement('iframe');
    panel.title = words.title;
    panel.allow = '';
    panel.addEventListener('load', () => {
      isLoaded = true;
      greet();
    });
    panel.src = address.href;
    view.frame.append(panel);
  };

  const note = () => (isOpen || isTalking ? remember(site, isOpen) : forget(site));

  const open = (focus: boolean) => {
    if (isOpen) return;
    isOpen = true;
    takesFocus = focus;
    load();
    view.show(true);
    view.badge(0);
    greet();
    if (focus) panel?.focus();
    note();
    events.tell('open');
  };

  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    // Focus comes back to the button only if it was in the panel: a page that closes the chat keeps its own.
    const hadFocus = document.activeElement === view.host;
    view.show(false);
    say({ type: 'hidden' });
    if (hadFocus) view.button.focus();
    note();
    events.tell('close');
  };

  const hear = (event: MessageEvent) => {
    if (!panel || event.origin !== address.origin || event.source !== panel.contentWindow) return;
    const message = toLauncher(event.data);
    if (message?.type === 'close') close();
    if (message?.type !== 'unread') return;
    isTalking = message.talking;
    note();
    view.badge(isOpen ? 0 : message.count);
    events.tell('unread', message.count);
  };

  const mount = () => {
    document.body.append(view.host);
    window.addEventListener('message', hear);
    view.button.addEventListener('click', () => (isOpen ? close() : open(true)));
    view.button.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') close();
    });
    followKeyboard(view.frame);
    // The visitor had opened the chat in this tab. On a phone it would cover the page, so there only its badge is back.
    const before = recall(site);
    if (before) isTalking = true;
    if (before === 'open' && !isPhone()) open(false);
    else if (before) load();
  };

  const api: Aican = {
    open: () => open(true),
    close,
    toggle: () => (isOpen ? close() : open(true)),
    get isOpen() {
      return isOpen;
    },
    on: events.on,
  };
  return { api, mount };
}
