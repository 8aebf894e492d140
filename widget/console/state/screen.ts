// What this agent's screen shows of the desk: which conversation is open, what was asked for, what to tell.

import type { Refusal } from '../../client/drafts.ts';
import type { ConversationView, Id, MessageView } from '../../client/frames.ts';

/** One short line to the agent; it goes away by itself. */
export interface Notice {
  readonly key: number;
  readonly text: string;
}

/** What an agent should look up for: a visitor who starts to wait, a text in a conversation of mine. */
export type News =
  | { readonly is: 'waiting'; readonly view: ConversationView }
  | { readonly is: 'message'; readonly view: ConversationView; readonly message: MessageView };

export interface Screen {
  readonly openId: Id | null;
  /** Claims that the server has not answered yet. */
  readonly claiming: ReadonlySet<Id>;
  /** Conversations whose older messages were asked for. */
  readonly asksOlder: ReadonlySet<Id>;
  /** Conversations that the server does not show to me, and why: they are not asked for again by themselves. */
  readonly refused: ReadonlyMap<Id, Refusal>;
  /** The conversation whose composer a refused message just went back to. A new object each time. */
  readonly takenBack: { readonly id: Id } | null;
  readonly notices: readonly Notice[];
  /** The latest news, for screen readers: see words/announcement.ts. */
  readonly announced: News | null;
}

export type ScreenAction =
  | { readonly is: 'opened'; readonly id: Id | null }
  | { readonly is: 'claiming'; readonly id: Id; readonly on: boolean }
  | { readonly is: 'asks older'; readonly id: Id; readonly on: boolean }
  | { readonly is: 'refused'; readonly id: Id; readonly refusal: Refusal }
  /** Asked for again, or shown after all. */
  | { readonly is: 'tried again'; readonly id: Id }
  | { readonly is: 'taken back'; readonly id: Id }
  | { readonly is: 'noticed'; readonly notice: Notice }
  | { readonly is: 'notice over'; readonly key: number }
  | { readonly is: 'announced'; readonly news: News };

export const EMPTY_SCREEN: Screen = {
  openId: null,
  claiming: new Set(),
  asksOlder: new Set(),
  refused: new Map(),
  takenBack: null,
  notices: [],
  announced: null,
};

/** More than that at once nobody reads; the oldest goes. */
const NOTICES_AT_ONCE = 3;

export function reduceScreen(screen: Screen, action: ScreenAction): Screen {
  switch (action.is) {
    case 'opened':
      return screen.openId === action.id ? screen : { ...screen, openId: action.id };
    case 'claiming':
      return { ...screen, claiming: toggled(screen.claiming, action.id, action.on) };
    case 'asks older':
      return { ...screen, asksOlder: toggled(screen.asksOlder, action.id, action.on) };
    case 'refused':
      return { ...screen, refused: new Map(screen.refused).set(action.id, action.refusal) };
    case 'tried again':
      return screen.refused.has(action.id)
        ? { ...screen, refused: new Map([...screen.refused].filter(([id]) => id !== action.id)) }
        : screen;
    case 'taken back':
      return { ...screen, takenBack: { id: action.id } };
    case 'noticed':
      return { ...screen, notices: [...screen.notices, action.notice].slice(-NOTICES_AT_ONCE) };
    case 'notice over':
      return { ...screen, notices: screen.notices.filter(({ key }) => key !== action.key) };
    case 'announced':
      return { ...screen, announced: action.news };
  }
}

function toggled(ids: ReadonlySet<Id>, id: Id, on: boolean): ReadonlySet<Id> {
  const others = [...ids].filter((other) => other !== id);
  return new Set(on ? [...others, id] : others);
}
