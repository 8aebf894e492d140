// The frames of aican.v1 (chat/protocol/PROTOCOL.md), one entry a kind, fields in the order of the wire.
// Names are those of the specification in camelCase; times are Unix milliseconds.

import {
  bool,
  type Fields,
  id,
  list,
  nullable,
  number,
  oneOf,
  pair,
  part,
  ref,
  string,
  type ValueOf,
  type Values,
} from './schema.ts';

/** A UUID as lower-case hyphenated text. */
export type Id = string;

/** A message's length at most, in characters (code points). */
export const TEXT_CHARACTERS = 8000;

/** Who speaks. */
export const Role = { SYSTEM: 0, VISITOR: 1, AGENT: 2 } as const;
export type Role = (typeof Role)[keyof typeof Role];

/** Where a conversation stands. */
export const State = { NEW: 0, WAITING: 1, ACTIVE: 2, ENDED: 3 } as const;
export type State = (typeof State)[keyof typeof State];

/** What a numbered message is. VOID only fills a number; where the record does not open stands UNREADABLE. */
export const Kind = { TEXT: 0, JOINED: 1, ENDED: 2, VOID: 3, UNREADABLE: 4 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

const role = oneOf(0, 1, 2);
const state = oneOf(0, 1, 2, 3);
const kind = oneOf(0, 1, 2, 3, 4);
const text = string();
const short = string(256);
const url = string(2048);
const secret = string(1024);
const positions = list(pair(id, number), 64);

/** Pairs of a conversation and the highest number held of it. */
export type Positions = ValueOf<typeof positions>;

const page = part({ url, title: short, referrer: url, language: short, timezone: short, screen: short });
/** What the visitor's browser says of itself and of the page that embeds the widget. */
export type Page = ValueOf<typeof page>;

const conduct = part({ elapsedMs: number, decoy: short });
/** How a message was written: time since the panel's first display, and a field that people do not see. */
export type Conduct = ValueOf<typeof conduct>;

const person = part({ account: id, name: text, role: text, available: bool });
export type Person = ValueOf<typeof person>;

const visitor = part({
  visitor: id,
  name: text,
  email: text,
  pageUrl: text,
  pageTitle: text,
  referrer: text,
  browser: text,
  system: text,
  device: text,
  language: text,
  timezone: text,
});
/** A visitor as agents see them. Empty strings are unknown. */
export type VisitorView = ValueOf<typeof visitor>;

const message = part({ seq: number, clientId: id, kind, role, author: nullable(id), at: number, body: text });
/** One numbered message. `author` is null for the system. */
export type MessageView = ValueOf<typeof message>;

const mark = part({ role, received: number, read: number });
/** How far one side has received and read: everything up to and including these numbers. */
export type MarkView = ValueOf<typeof mark>;

const conversation = part({
  conversation: id,
  site: text,
  state,
  revision: number,
  agent: nullable(person),
  openedAt: number,
  claimedAt: nullable(number),
  endedAt: nullable(number),
  top: number,
  visitor: nullable(visitor),
  preview: nullable(message),
});
/** A conversation's state. An older `revision` that comes late is ignored. `visitor` is null for visitors. */
export type ConversationView = ValueOf<typeof conversation>;

const site = part({ name: text, greeting: text, policyUrl: text, policyVersion: text });
/** What the panel shows of the business. */
export type SiteView = ValueOf<typeof site>;

export interface Shape<F extends Fields = Fields> {
  readonly kind: number;
  readonly fields: F;
}

function shape<F extends Fields>(kind: number, fields: F): Shape<F & { ref: typeof ref }> {
  return { kind, fields: { ref, ...fields } };
}

/** What clients send. */
export const CLIENT_FRAMES = {
  Hello: shape(1, {
    site: short,
    token: nullable(secret),
    page,
    conversation: nullable(id),
    position: number,
  }),
  HelloAgent: shape(2, { ticket: secret, positions, available: bool }),
  Post: shape(3, { conversation: id, clientId: id, text: string(TEXT_CHARACTERS), conduct }),
  Typing: shape(4, { conversation: id, on: bool }),
  Mark: shape(5, { conversation: id, received: number, read: number }),
  End: shape(6, { conversation: id }),
  Beat: shape(7, { positions }),
  History: shape(8, { conversation: id, before: number }),
  Introduce: shape(9, { name: short, email: short }),
  Claim: shape(16, { conversation: id }),
  Watch: shape(17, { conversation: id, position: number }),
  Unwatch: shape(18, { conversation: id }),
  Availability: shape(19, { available: bool }),
} as const;

/** What servers send. */
export const SERVER_FRAMES = {
  Welcome: shape(64, {
    visitor: id,
    token: text,
    conversation: id,
    state,
    site,
    attended: bool,
    heartbeatMs: number,
    now: number,
  }),
  WelcomeAgent: shape(65, { me: person, workspace: text, heartbeatMs: number, now: number }),
  Snapshot: shape(66, {
    conversation,
    people: list(person),
    messages: list(message),
    marks: list(mark),
    recovered: bool,
    more: bool,
  }),
  Message: shape(67, { conversation: id, message }),
  Accepted: shape(68, { conversation: id, clientId: id, seq: number, at: number }),
  Refused: shape(69, { code: number, text, then: text, retryAfterMs: nullable(number), detail: text }),
  TypingNow: shape(70, { conversation: id, role, author: id, on: bool }),
  Marks: shape(71, { conversation: id, mark }),
  ConversationChanged: shape(72, { conversation }),
  Presence: shape(73, { person, online: bool }),
  Tops: shape(74, { positions: list(pair(id, number)) }),
  Goodbye: shape(75, { code: number, text, then: text, afterMs: number }),
  Done: shape(76, {}),
  Attendance: shape(77, { attended: bool }),
  Queue: shape(78, { conversations: list(conversation), ended: list(conversation), people: list(person) }),
} as const;

type Shapes = Readonly<Record<string, Shape>>;
type Named<N, F extends Fields> = { readonly type: N } & Values<F>;
type FramesOf<S extends Shapes> = { [N in keyof S & string]: Named<N, S[N]['fields']> };

export type ClientFrame = FramesOf<typeof CLIENT_FRAMES>[keyof typeof CLIENT_FRAMES];
export type ServerFrame = FramesOf<typeof SERVER_FRAMES>[keyof typeof SERVER_FRAMES];
export type Frame = ClientFrame | ServerFrame;

/** One frame by its name: `FrameOf<'Snapshot'>`. */
export type FrameOf<N extends Frame['type']> = Extract<Frame, { type: N }>;

export type Hello = FrameOf<'Hello'>;
export type HelloAgent = FrameOf<'HelloAgent'>;
export type Post = FrameOf<'Post'>;
export type Welcome = FrameOf<'Welcome'>;
export type WelcomeAgent = FrameOf<'WelcomeAgent'>;
export type Snapshot = FrameOf<'Snapshot'>;
export type Accepted = FrameOf<'Accepted'>;
export type Refused = FrameOf<'Refused'>;
export type Goodbye = FrameOf<'Goodbye'>;
export type Queue = FrameOf<'Queue'>;

type WithoutRef<F> = F extends unknown ? Omit<F, 'ref'> : never;

/** A client's frame before the connection gave it a ref. */
export type Question = WithoutRef<ClientFrame>;
