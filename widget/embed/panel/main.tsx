// The panel: runs in its own-origin frame, talks to the gateway, and to the launcher around it.

import { render } from 'preact';
import {
  browserWorld,
  cookieShelf,
  Legacy,
  positionOf,
  shelf,
  unreadOf,
  uuid7,
  VisitorSession,
  whenBack,
} from '../../client/index.ts';
import type { ToPanel } from '../bridge.ts';
import { inkOn } from '../color.ts';
import { hostOf } from './host.ts';
import { Panel } from './Panel.tsx';
import { type Around, pageOf } from './page.ts';
import '../../client/reset.css';
import './styles/base.css';
import './styles/header.css';
import './styles/log.css';
import './styles/composer.css';
import './styles/cards.css';
import { setting } from './setting.ts';
import { language } from './words.ts';

const host = hostOf(setting.embedders);
const tokenKey = `aican:token:${setting.site}`;
const placeKey = `aican:place:${setting.site}`;
const root = document.getElementById('panel');

let around: Around = { url: '', title: '', referrer: '' };
let isShown = host.isAlone;

/** One entry for each tab, so that what was said offline is sent though its tab is closed. */
const legacy = new Legacy({
  storage: () => localStorage,
  prefix: `aican:drafts:${setting.site}:`,
  id: uuid7(browserWorld),
  locks: navigator.locks,
  former: shelf(() => sessionStorage, `aican:drafts:${setting.site}`),
  now: () => Date.now(),
});

const session = new VisitorSession({
  world: browserWorld,
  gateway: setting.gateway,
  site: setting.site,
  page: () => pageOf(around),
  // Of every tab, so that a second one shows the same conversation.
  token: shelf(() => localStorage, tokenKey, cookieShelf(tokenKey, location.pathname)),
  place: shelf(() => localStorage, placeKey, cookieShelf(placeKey, location.pathname)),
  // Until accepted: what was said does not stay on the device.
  drafts: legacy.own,
});

/** What stands in the composer, for this tab alone. */
const unsaid = shelf(() => sessionStorage, `aican:text:${setting.site}`);

function look(): void {
  session.look(isShown && document.visibilityState === 'visible');
}

function paint(color: string): void {
  if (!color) return;
  document.documentElement.style.setProperty('--accent', color);
  document.documentElement.style.setProperty('--on-accent', inkOn(color));
}

function hear(message: ToPanel): void {
  if (message.type === 'page') {
    around = message;
    paint(message.color);
    session.start();
    return;
  }
  isShown = message.type === 'shown';
  look();
  if (message.type === 'shown' && message.focus) root?.querySelector<HTMLElement>('textarea, .wide')?.focus();
}

let told = '';

/** Tells the launcher what its badge shows, once for each change. */
function tellUnread(): void {
  const visit = session.store.get();
  const count = isShown && document.visibilityState === 'visible' ? 0 : unreadOf(visit);
  const talking = visit.thread !== null && positionOf(visit.thread) > 0;
  if (told === `${count} ${talking}`) return;
  told = `${count} ${talking}`;
  host.tell({ type: 'unread', count, talking });
}

function begin(panel: HTMLElement): void {
  document.documentElement.lang = language;
  const onClose = host.isAlone ? undefined : () => host.tell({ type: 'close' });
  render(<Panel session={session} policy={setting.policy} unsaid={unsaid} onClose={onClose} />, panel);
  session.store.subscribe(tellUnread);
  host.listen((message) => {
    hear(message);
    tellUnread();
  });
  whenBack(() => session.nudge());
  document.addEventListener('visibilitychange', look);
  window.addEventListener('storage', ({ key, newValue }) => {
    if (key === tokenKey && newValue) session.adopt(newValue);
    else if (key && newValue) legacy.heard(key);
  });
  legacy.begin((drafts) => session.inherit(drafts));
  document.addEventListener('keydown', (event) => {
    const isModal = document.querySelector('dialog[open]') !== null;
    if (event.key === 'Escape' && !isModal && !event.defaultPrevented) onClose?.();
  });
  if (host.isAlone) session.start();
  look();
}

if (root) begin(root);
