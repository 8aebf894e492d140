// The launcher's elements, inside a closed shadow root. Styles come as a constructed sheet and colours through the
// CSSOM, so a page whose CSP forbids inline styles shows them too; nothing is parsed from text.

import { inkOn } from '../color.ts';
import style from './launcher.css';
import type { Reach } from './reaching.ts';
import { words } from './words.ts';

const SVG = 'http://www.w3.org/2000/svg';
const BUBBLE =
  'M12 3.2c-5.2 0-9.3 3.6-9.3 8.1 0 2.5 1.3 4.7 3.3 6.2.1 1.2-.4 2.3-1.1 3.1-.3.4 0 .9.5.9 1.8-.2 3.3-.9 4.5-1.9.7.1 1.4.2 2.1.2 5.2 0 9.3-3.6 9.3-8.2s-4.1-8.4-9.3-8.4z';
const CHEVRON = 'M5.5 9l6.5 6.5L18.5 9';
const CROSS = 'M6 6l12 12M18 6L6 18';

export interface View {
  readonly host: HTMLElement;
  readonly button: HTMLButtonElement;
  readonly frame: HTMLElement;
  /** Closes what stands in the panel's place. */
  readonly leave: HTMLButtonElement;
  show(open: boolean): void;
  /** How the panel stands: until it is here, a quiet word does. */
  stand(reach: Reach): void;
  badge(count: number): void;
}

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.className = className;
  return made;
}

function icon(className: string, path: string): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', className);
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.appendChild(document.createElementNS(SVG, 'path')).setAttribute('d', path);
  return svg;
}

function paint(host: HTMLElement, color: string): void {
  if (!color) return;
  host.style.setProperty('--accent', color);
  host.style.setProperty('--ink', inkOn(color));
}

export function createView(side: 'left' | 'right', color: string): View {
  const host = element('div', '');
  host.id = 'aican';
  const root = host.attachShadow({ mode: 'closed' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];

  const frame = element('div', `frame ${side}`);
  const button = element('button', `button ${side}`);
  button.type = 'button';
  const count = element('span', 'badge');
  count.setAttribute('aria-hidden', 'true');
  button.append(icon('bubble', BUBBLE), icon('chevron', CHEVRON), count);
  const place = element('div', 'place');
  const leave = element('button', 'leave');
  leave.type = 'button';
  leave.setAttribute('aria-label', words.close);
  leave.append(icon('cross', CROSS));
  const said = element('p', '');
  said.setAttribute('role', 'status');
  place.append(leave, element('i', ''), said);
  frame.append(place);
  root.append(button, frame);
  paint(host, color);

  let unread = 0;
  let isOpen = false;
  const label = () => {
    const closed = unread > 0 ? words.unread(unread) : words.open;
    button.setAttribute('aria-label', isOpen ? words.close : closed);
    button.setAttribute('aria-expanded', String(isOpen));
    count.textContent = isOpen || unread === 0 ? '' : unread > 9 ? '9+' : String(unread);
  };
  label();

  return {
    host,
    button,
    frame,
    leave,
    stand(reach) {
      frame.dataset['reach'] = reach;
      said.textContent = reach === 'trying' || reach === 'refused' ? words[reach] : '';
    },
    show(open) {
      isOpen = open;
      frame.classList.toggle('open', open);
      button.classList.toggle('open', open);
      label();
    },
    badge(now) {
      unread = now;
      label();
    },
  };
}
