// What launcher (in the site's page) and panel (in its own-origin frame) say to each other by postMessage. Both sides
// check the exact origin and the sending window first, then the form here; anything else is dropped.

/** Launcher to panel. */
export type ToPanel =
  /** The page around, which the frame cannot see; said before anything else and again after each opening. */
  | {
      readonly type: 'page';
      readonly url: string;
      readonly title: string;
      readonly referrer: string;
      /** The site's accent colour as `#rrggbb`, or empty. */
      readonly color: string;
    }
  | { readonly type: 'shown'; readonly focus: boolean }
  | { readonly type: 'hidden' };

/** Panel to launcher. */
export type ToLauncher =
  | { readonly type: 'close' }
  /** `talking`: there is a conversation worth coming back to after a reload. */
  | { readonly type: 'unread'; readonly count: number; readonly talking: boolean }
  /** Not the panel's own: of the page that stands in its place when it does not come. See why.ts. */
  | {
      readonly type: 'why';
      /** For whoever makes the page: what keeps the panel away, and the remedy. Empty if nothing does. */
      readonly problem: string;
    };

/** Marks our messages among others that a page sends itself; the number is the version of this page. */
const MARK = 'aican/1';

const COLOR = /^(#[0-9a-f]{6})?$/i;

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string' && value.length < 10_000;
const isFlag: Check = (value) => typeof value === 'boolean';
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isColor: Check = (value) => typeof value === 'string' && COLOR.test(value);

type Forms = Readonly<Record<string, Readonly<Record<string, Check>>>>;

const TO_PANEL: Forms = {
  page: { url: isText, title: isText, referrer: isText, color: isColor },
  shown: { focus: isFlag },
  hidden: {},
};

const TO_LAUNCHER: Forms = {
  close: {},
  unread: { count: isCount, talking: isFlag },
  why: { problem: isText },
};

/** The message as it is sent. */
export function wrap(message: ToPanel | ToLauncher): unknown {
  return { mark: MARK, ...message };
}

export function toPanel(heard: unknown): ToPanel | null {
  return checked(heard, TO_PANEL) as ToPanel | null;
}

export function toLauncher(heard: unknown): ToLauncher | null {
  return checked(heard, TO_LAUNCHER) as ToLauncher | null;
}

function checked(heard: unknown, forms: Forms): unknown {
  if (typeof heard !== 'object' || heard === null) return null;
  const message = heard as Readonly<Record<string, unknown>>;
  const type = message['type'];
  if (message['mark'] !== MARK || typeof type !== 'string' || !Object.hasOwn(forms, type)) return null;
  const fields = Object.entries(forms[type] ?? {});
  return fields.every(([name, check]) => check(message[name])) ? message : null;
}
