// Frames for tests, with everything that a test does not care about filled in.

import {
  type ConversationView,
  type FrameOf,
  type Id,
  Kind,
  type MessageView,
  type Person,
  Role,
  type Snapshot,
  State,
  type VisitorView,
  type Welcome,
} from '../client/frames.ts';

export const CONVERSATION: Id = '0192f0c1-7e1a-7c3d-9b5e-6f708192a3b4';
export const NEXT: Id = '0192f0c1-7e1a-7c3d-9b5e-6f708192a3b5';
export const VISITOR: Id = '0192f0c1-0000-7000-8000-000000000001';
export const ADA: Person = {
  account: '0192f0c1-0000-7000-8000-0000000000ad',
  name: 'Ada Moreno',
  role: 'agent',
  available: true,
};
export const AT = 1_767_225_600_000;

/** A client id for the `n`-th message. */
export function clientId(n: number): Id {
  return `0192f0c1-8000-7abc-8def-${n.toString(16).padStart(12, '0')}`;
}

export function message(seq: number, fields: Partial<MessageView> = {}): MessageView {
  const text = { kind: Kind.TEXT, role: Role.VISITOR, author: VISITOR, body: `text ${seq}` };
  return { seq, clientId: clientId(seq), at: AT + seq * 1000, ...text, ...fields };
}

export function messageFrame(view: MessageView): FrameOf<'Message'> {
  return { type: 'Message', ref: 0, conversation: CONVERSATION, message: view };
}

/** A visitor of whom nothing is known but `fields`. */
export function visitor(fields: Partial<VisitorView> = {}): VisitorView {
  return {
    visitor: VISITOR,
    name: '',
    email: '',
    pageUrl: '',
    pageTitle: '',
    referrer: '',
    browser: '',
    system: '',
    device: '',
    language: '',
    timezone: '',
    ...fields,
  };
}

/** Ada writes, or stopped. */
export function typing(on = true): FrameOf<'TypingNow'> {
  return { type: 'TypingNow', ref: 0, conversation: CONVERSATION, role: Role.AGENT, author: ADA.account, on };
}

export function view(fields: Partial<ConversationView> = {}): ConversationView {
  return {
    conversation: CONVERSATION,
    site: 'site',
    state: State.WAITING,
    revision: 1,
    agent: null,
    openedAt: AT,
    claimedAt: null,
    endedAt: null,
    top: 0,
    visitor: null,
    preview: null,
    ...fields,
  };
}

export function snapshot(fields: Partial<Snapshot> = {}): Snapshot {
  return {
    type: 'Snapshot',
    ref: 1,
    conversation: view(),
    people: [],
    messages: [],
    marks: [],
    recovered: false,
    more: false,
    ...fields,
  };
}

export function welcome(fields: Partial<Welcome> = {}): Welcome {
  return {
    type: 'Welcome',
    ref: 1,
    visitor: VISITOR,
    token: 'token',
    conversation: CONVERSATION,
    state: State.NEW,
    site: {
      name: 'Fern & Oak',
      greeting: 'Hi',
      policyUrl: 'https://shop.example/privacy',
      policyVersion: '1',
    },
    attended: true,
    heartbeatMs: 10_000,
    now: AT,
    ...fields,
  };
}
