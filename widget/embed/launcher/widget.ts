// Opening and closing, and the talk with the panel.

import { type ToPanel, toLauncher, wrap } from '../bridge.ts';
import { createEvents, type Listen } from './events.ts';
import { forget, recall, remember } from './memory.ts';
import { createView, type View } from './view.ts';
import { followKeyboard, isPhone } from './viewport.ts';
import { words } from './words.ts';

/** What the page around may use, as `window.Aican`. */
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
  /** `#rrggbb`, or empty. */
  readonly color: string;
}

export class Widget {
  private readonly options: WidgetOptions;
  private readonly address: URL;
  private readonly view: View;
  private readonly events = createEvents();
  /** Made the first time that the chat is opened. */
  private panel: HTMLIFrameElement | null = null;
  private isLoaded = false;
  private isOpen = false;
  private takesFocus = false;
  private count = 0;
  /** There is a conversation worth coming back to on the next page. */
  private isTalking = false;

  constructor(options: WidgetOptions) {
    this.options = options;
    this.address = new URL(`panel?site=${encodeURIComponent(options.site)}`, options.base);
    this.view = createView(options.side, options.color);
  }

  /** Shows the button. If the visitor had opened the chat in this tab, it is back. */
  mount(): void {
    const { button, frame, host } = this.view;
    document.body.append(host);
    window.addEventListener('message', (event) => this.hear(event));
    button.addEventListener('click', () => this.toggle());
    button.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.close();
    });
    followKeyboard(frame);
    const before = recall(this.options.site);
    if (!before) return;
    this.isTalking = true;
    // On a phone it would cover the page: there only its badge is back.
    if (before === 'open' && !isPhone()) this.open(false);
    else this.load();
  }

  api(): Aican {
    const widget = this;
    return {
      open: () => this.open(true),
      close: () => this.close(),
      toggle: () => this.toggle(),
      get isOpen() {
        return widget.isOpen;
      },
      on: this.events.on,
    };
  }

  private toggle(): void {
    if (this.isOpen) this.close();
    else this.open(true);
  }

  private open(focus: boolean): void {
    if (this.isOpen) return;
    this.isOpen = true;
    this.takesFocus = focus;
    this.load();
    this.view.show(true);
    this.view.badge(0);
    this.greet();
    if (focus) this.panel?.focus();
    this.note();
    this.events.tell('open');
  }

  private close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    // Focus comes back to the button only if it was in the panel: a page that closes the chat keeps its own.
    const hadFocus = document.activeElement === this.view.host;
    this.view.show(false);
    this.say({ type: 'hidden' });
    if (hadFocus) this.view.button.focus();
    this.note();
    this.events.tell('close');
  }

  private load(): void {
    if (this.panel) return;
    const panel = document.createElement('iframe');
    panel.title = words.title;
    panel.allow = '';
    panel.addEventListener('load', () => {
      this.isLoaded = true;
      this.greet();
    });
    panel.src = this.address.href;
    this.view.frame.append(panel);
    this.panel = panel;
  }

  /** Tells the panel what the page around is, and whether the chat is in view. */
  private greet(): void {
    const { title, referrer } = document;
    // Without the fragment: it may hold what a sign-in handed over.
    const url = window.location.href.replace(/#.*/, '');
    this.say({ type: 'page', url, title, referrer, color: this.options.color });
    this.say(this.isOpen ? { type: 'shown', focus: this.takesFocus } : { type: 'hidden' });
  }

  private say(message: ToPanel): void {
    if (this.isLoaded) this.panel?.contentWindow?.postMessage(wrap(message), this.address.origin);
  }

  private hear({ origin, source, data }: MessageEvent): void {
    if (!this.panel || origin !== this.address.origin || source !== this.panel.contentWindow) return;
    const message = toLauncher(data);
    if (message?.type === 'close') this.close();
    if (message?.type === 'unread') this.unread(message.count, message.talking);
  }

  private unread(count: number, talking: boolean): void {
    this.isTalking = talking;
    this.note();
    this.view.badge(this.isOpen ? 0 : count);
    if (count !== this.count) this.events.tell('unread', count);
    this.count = count;
  }

  private note(): void {
    const { site } = this.options;
    if (this.isOpen || this.isTalking) remember(site, this.isOpen);
    else forget(site);
  }
}
