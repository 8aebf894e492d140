// widget.js: the script that a site's pages carry.
//
//   <script async src="https://chat.example/widget.js" data-site="KEY"></script>
//   optional: data-position="left", data-color="#rrggbb"
//
// It shows a button. Until the visitor presses it, nothing is fetched, connected or stored. After that
// `sessionStorage["aican:KEY"]` of the page says "open" or "closed" for this tab, so that the chat is still there on
// the next page; nothing else is ever stored in the site's page.
//
//   Aican.open(), Aican.close(), Aican.toggle(), Aican.isOpen
//   Aican.on('open' | 'close' | 'unread', callback)   returns the undoing; 'unread' passes the count

import { colorOf } from './color.ts';
import { warn } from './launcher/warn.ts';
import { type Aican, Widget } from './launcher/widget.ts';

declare global {
  interface Window {
    Aican?: Aican;
  }
}

/** An async script knows itself while it runs; a bundler that moved this code makes it look for its own tag. */
function ownTag(): HTMLScriptElement | null {
  const current = document.currentScript ?? document.querySelector('script[data-site][src*="widget.js"]');
  return current instanceof HTMLScriptElement ? current : null;
}

function begin(): void {
  const tag = ownTag();
  const site = tag?.dataset['site'];
  if (window.Aican) {
    warn('widget.js is in this page twice; the second one does nothing.');
    return;
  }
  if (!tag?.src || !site) {
    warn('the script tag of widget.js needs data-site="KEY".');
    return;
  }
  const { position, color } = tag.dataset;
  const widget = new Widget({
    site,
    base: tag.src,
    side: position === 'left' ? 'left' : 'right',
    color: colorOf(color),
  });
  window.Aican = widget.api();
  if (document.body) widget.mount();
  else document.addEventListener('DOMContentLoaded', () => widget.mount(), { once: true });
}

begin();
