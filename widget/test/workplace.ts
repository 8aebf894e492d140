// A small server for tests: a workplace where things happen by chance, told in frames as the gateway tells them.

import {
  type ConversationView,
  type Id,
  Kind,
  type MarkView,
  type MessageView,
  type Person,
  Role,
  type ServerFrame,
  type Snapshot,
  State,
} from '../client/frames.ts';
import { positionOf } from '../client/thread.ts';
import type { Desk } from '../console/state/desk.ts';
import { AT, clientId, message, VISITOR, view } from './frames.ts';

function person(n: number, name: string): Person {
  return { account: `0192f0c1-0000-7000-8000-0000000000a${n}`, name, role: 'agent', available: true };
}

export const GRACE = person(1, 'Grace Hopper');
const TEAM = [GRACE, person(2, 'Ada Moreno'), person(3, 'Bo Lindqvist')];

interface Held {
  readonly view: ConversationView;
  readonly messages: readonly MessageView[];
  readonly people: readonly Person[];
  readonly marks: Readonly<Record<1 | 2, MarkView>>;
}

/** A generator of numbers from 0 to below 1 that a seed repeats (Park and Miller's "minimal standard"). */
function chance(seed: number): () => number {
  let state = seed * 48_271;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** A snapshot holds at most so many messages. */
const PAGE = 6;

export class Workplace {
  private readonly random: () => number;
  private readonly conversations = new Map<Id, Held>();
  private readonly online = new Map<Id, Person>([[GRACE.account, GRACE]]);
  private count = 0;

  constructor(seed: number) {
    this.random = chance(seed);
  }

  get ids(): readonly Id[] {
    return [...this.conversations.keys()];
  }

  /** Something happens. Gives the frames that arrive: a message may be lost on the way, and anything come twice. */
  happen(): readonly ServerFrame[] {
    const frames = this.something();
    const isLossy = this.random() < 0.15;
    const heard = isLossy ? frames.filter(({ type }) => type !== 'Message') : frames;
    return this.random() < 0.2 ? [...heard, ...heard] : heard;
  }

  /** What a newcomer who follows `ids` is told. */
  everything(ids: readonly Id[]): readonly ServerFrame[] {
    const views = [...this.conversations.values()].map((held) => held.view);
    const queue: ServerFrame = {
      type: 'Queue',
      ref: 0,
      conversations: views.filter(({ state }) => state !== State.ENDED),
      ended: views.filter(({ state }) => state === State.ENDED),
      people: [...this.online.values()],
    };
    return [queue, ...ids.map((id) => this.snapshot(id, 0))];
  }

  /** The answers to `Watch` that a desk with gaps asks for; with `all`, also what only a position check finds. */
  answers(desk: Desk, all = false): readonly ServerFrame[] {
    const threads = [...desk.threads.values()].filter(({ behind }) => behind || all);
    return threads.map((thread) => this.snapshot(thread.id, positionOf(thread)));
  }

  private something(): readonly ServerFrame[] {
    const open = [...this.conversations.values()].filter((held) => held.view.state !== State.ENDED);
    const held = open[Math.floor(this.random() * open.length)];
    const kind = this.random();
    if (!held || kind < 0.08) return this.begins();
    if (kind < 0.16) return this.comesOrGoes();
    if (kind < 0.3) return this.marks(held);
    if (kind < 0.38) return [this.typing(held)];
    if (held.view.state === State.WAITING && kind < 0.5) return this.claims(held);
    if (held.view.state === State.ACTIVE && kind < 0.44) return this.ends(held);
    return this.writes(held);
  }

  private begins(): readonly ServerFrame[] {
    this.count += 1;
    const conversation = `0192f0c1-7e1a-7c3d-9b5e-${this.count.toString(16).padStart(12, '0')}`;
    const nothing = (role: Role): MarkView => ({ role, received: 0, read: 0 });
    const marks = { 1: nothing(Role.VISITOR), 2: nothing(Role.AGENT) };
    const held = { view: view({ conversation, revision: 0 }), messages: [], people: [], marks };
    return this.says(held, { kind: Kind.TEXT, role: Role.VISITOR, author: VISITOR, body: 'hello' }, {});
  }

  private comesOrGoes(): readonly ServerFrame[] {
    const somebody = TEAM[1 + Math.floor(this.random() * 2)] ?? GRACE;
    const isHere = this.online.has(somebody.account);
    const now = { ...somebody, available: this.random() < 0.5 };
    if (isHere) this.online.delete(somebody.account);
    else this.online.set(somebody.account, now);
    return [{ type: 'Presence', ref: 0, person: now, online: !isHere }];
  }

  private marks(held: Held): readonly ServerFrame[] {
    const role: 1 | 2 = this.random() < 0.5 ? 1 : 2;
    const before = held.marks[role];
    const received = Math.max(before.received, Math.floor(this.random() * (held.view.top + 1)));
    const read = Math.max(before.read, Math.floor(this.random() * (received + 1)));
    const mark = { role, received, read } as const;
    this.keep({ ...held, marks: { ...held.marks, [role]: mark } });
    return [{ type: 'Marks', ref: 0, conversation: held.view.conversation, mark }];
  }

  private typing({ view: { conversation } }: Held): ServerFrame {
    return { type: 'TypingNow', ref: 0, conversation, role: Role.VISITOR, author: VISITOR, on: true };
  }

  private claims(held: Held): readonly ServerFrame[] {
    const agent = TEAM[Math.floor(this.random() * TEAM.length)] ?? GRACE;
    const joined = { kind: Kind.JOINED, role: Role.AGENT, author: agent.account, body: agent.name };
    const people = [...held.people, agent];
    return this.says({ ...held, people }, joined, { state: State.ACTIVE, agent, claimedAt: AT });
  }

  private ends(held: Held): readonly ServerFrame[] {
    const ended = { kind: Kind.ENDED, role: Role.SYSTEM, author: null, body: '' };
    return this.says(held, ended, { state: State.ENDED, endedAt: AT });
  }

  private writes(held: Held): readonly ServerFrame[] {
    const agent = this.random() < 0.5 ? held.view.agent : null;
    const author = agent
      ? { role: Role.AGENT, author: agent.account }
      : { role: Role.VISITOR, author: VISITOR };
    return this.says(held, { kind: Kind.TEXT, ...author, body: `text ${held.view.top + 1}` }, {});
  }

  private says(held: Held, what: Partial<MessageView>, change: Partial<ConversationView>) {
    const seq = held.view.top + 1;
    const said = message(seq, { clientId: clientId(seq), ...what });
    const preview = said.kind === Kind.TEXT ? said : held.view.preview;
    const next = { ...held.view, ...change, top: seq, preview, revision: held.view.revision + 1 };
    this.keep({ ...held, view: next, messages: [...held.messages, said] });
    const { conversation } = next;
    const frames: readonly ServerFrame[] = [
      { type: 'Message', ref: 0, conversation, message: said },
      { type: 'ConversationChanged', ref: 0, conversation: next },
    ];
    return this.random() < 0.5 ? frames : [...frames].reverse();
  }

  private keep(held: Held): void {
    this.conversations.set(held.view.conversation, held);
  }

  private snapshot(id: Id, position: number): Snapshot {
    const held = this.conversations.get(id);
    if (!held) throw new Error(`no conversation ${id}`);
    const missing = held.messages.slice(position);
    // A newcomer is shown everything here, so that both ways lead to the same messages.
    const isWhole = position === 0 || missing.length <= PAGE;
    return {
      type: 'Snapshot',
      ref: 1,
      conversation: held.view,
      people: held.people,
      messages: isWhole ? missing : held.messages.slice(-PAGE),
      marks: Object.values(held.marks),
      recovered: position > 0 && isWhole,
      more: !isWhole,
    };
  }
}
