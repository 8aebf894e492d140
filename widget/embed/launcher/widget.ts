// Opening and closing, and the talk with the panel.

import { type ToPanel, toLauncher, wrap } from '../bridge.ts';
import { createEvents, type Listen } from './events.ts';
import { forget, recall, remember } from './memory.ts';
import { createReaching, type Reach, type Reaching, type Shown } from './reaching.ts';
import { createView, type View } from './view.ts';
import { followKeyboard, isPhone } from './viewport.ts';
import { warn } from './warn.ts';
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
  private readonly origin: string;
  private readonly view: View;
  private readonly events = createEvents();
  private readonly reaching: Reaching;
  private reach: Reach | null = null;
  /** Made the first time that the chat is opened, and anew for every further try. */
  private panel: HTMLIFrameElement | null = null;
  private isLoaded = false;
  private isOpen = false;
  private takesFocus = false;
  /** What had the focus when the chat was opened: who went on to something else meanwhile stays there. */
  private focused: Element | null = null;
  private count = 0;
  /** There is a conversation worth coming back to on the next page. */
  private isTalking = false;

  constructor(options: WidgetOptions) {
    this.options = options;
    this.origin = new URL(options.base).origin;
    this.view = createView(options.side, options.color);
    this.reaching = createReaching({
      clock: { after: (ms, run) => clearTimeout.bind(null, setTimeout(run, ms)) },
      random: Math.random,
      show: (page) => this.show(page),
      tell: (reach) => this.stand(reach),
    });
  }

  /** Shows the button. If the visitor had opened the chat in this tab, it is back. */
  mount(): void {
    const { button, frame, host, leave } = this.view;
    document.body.append(host);
    window.addEventListener('message', (event) => this.hear(event));
    window.addEventListener('online', () => this.reaching.nudge());
    button.addEventListener('click', () => this.toggle());
    leave.addEventListener('click', () => this.close());
    host.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.close();
    });
    followKeyboard(frame);
    const before = recall(this.options.site);
    if (!before) return;
    this.isTalking = true;
    // On a phone it would cover the page: there only its badge is back.
    if (before === 'open' && !isPhone()) this.open(false);
    else this.reaching.begin();
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
    this.focused = document.activeElement;
    this.reaching.begin();
    this.appear();
    this.view.badge(0);
    this.greet();
    // On a phone the button is covered: the way out is in the panel's place.
    if (focus && this.reach !== 'here' && isPhone()) this.view.leave.focus();
    this.note();
    this.events.tell('open');
  }

  private close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    // Focus comes back to the button only if it was in the panel: a page that closes the chat keeps its own.
    const hadFocus = document.activeElement === this.view.host;
    this.appear();
    this.say({ type: 'hidden' });
    if (hadFocus) this.view.button.focus();
    this.note();
    this.events.tell('close');
  }

  /** Loads one of our pages into a new frame: another address for the old one would be a step of the page's history. */
  private show(page: Shown): void {
    const { site, base } = this.options;
    const panel = document.createElement('iframe');
    panel.title = words.title;
    panel.allow = '';
    panel.addEventListener('load', () => {
      this.isLoaded = true;
      this.introduce();
      this.reaching.loaded();
    });
    panel.src = new URL(`${page}?site=${encodeURIComponent(site)}`, base).href;
    this.isLoaded = false;
    this.panel?.remove();
    this.panel = panel;
    this.view.frame.append(panel);
  }

  private stand(reach: Reach): void {
    this.reach = reach;
    this.view.stand(reach);
    if (reach === 'refused') {
      this.panel?.remove();
      this.note();
    }
    this.appear();
    this.greet();
  }

  /** A button that can open nothing is not shown, once what it opened was closed. */
  private appear(): void {
    this.view.host.hidden = this.reach === 'refused' && !this.isOpen;
    this.view.show(this.isOpen);
  }

  /** Tells the panel what the page around is. It speaks only after that. */
  private introduce(): void {
    const { title, referrer } = document;
    // Without the fragment: it may hold what a sign-in handed over.
    const url = window.location.href.replace(/#.*/, '');
    this.say({ type: 'page', url, title, referrer, color: this.options.color });
  }

  /** Tells a panel that is here whether it is in view, and hands it the focus. */
  private greet(): void {
    if (this.reach !== 'here') return;
    const now = document.activeElement;
    const focus = this.takesFocus && (now === this.focused || now === this.view.host);
    this.introduce();
    if (this.isOpen && focus) this.panel?.focus();
    this.say(this.isOpen ? { type: 'shown', focus } : { type: 'hidden' });
  }

  private say(message: ToPanel): void {
    if (this.isLoaded) this.panel?.contentWindow?.postMessage(wrap(message), this.origin);
  }

  private hear({ origin, source, data }: MessageEvent): void {
    if (!this.panel || origin !== this.origin || source !== this.panel.contentWindow) return;
    const message = toLauncher(data);
    if (message?.type === 'why') this.why(message.problem);
    else if (message) this.reaching.reported();
    if (message?.type === 'close') this.close();
    if (message?.type === 'unread') this.unread(message.count, message.talking);
  }

  /** The problem is for whoever makes the page; visitors are told what concerns them. */
  private why(problem: string): void {
    if (problem) warn(problem);
    this.reaching.answered(problem !== '');
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
    // What cannot be opened here is not opened again by itself on the next page.
    if (this.reach !== 'refused' && (this.isOpen || this.isTalking)) remember(site, this.isOpen);
    else forget(site);
  }
}
