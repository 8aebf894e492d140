// A visitor's session for tests: begun, or welcomed already.

import assert from 'node:assert/strict';
import { type MessageView, Role } from '../client/frames.ts';
import { VisitorSession } from '../client/visit.ts';
import { ADA, message, welcome } from './frames.ts';
import { ManualWorld, memoryShelf, settle } from './world.ts';

const PAGE = {
  url: 'https://shop.example/',
  title: '',
  referrer: '',
  language: '',
  timezone: '',
  screen: '',
};

export function begin(token = memoryShelf(), drafts = memoryShelf(), place = memoryShelf()) {
  const world = new ManualWorld();
  const session = new VisitorSession({
    world,
    gateway: 'ws://gateway.example',
    site: 'site',
    page: () => PAGE,
    token,
    place,
    drafts,
  });
  const visit = () => session.store.get();
  const thread = () => visit().thread ?? assert.fail('no conversation yet');
  return { world, session, visit, thread, token, place, drafts };
}

/** Connects; the gateway welcomes with `fields`. */
export async function greeted(it: ReturnType<typeof begin>, fields: Parameters<typeof welcome>[0] = {}) {
  it.session.start();
  await settle();
  it.world.wire.opens();
  it.world.wire.says(welcome(fields));
  await settle();
  return it;
}

export const welcomed = (fields: Parameters<typeof welcome>[0] = {}) => greeted(begin(), fields);

export const byAda = (seq: number): MessageView => message(seq, { role: Role.AGENT, author: ADA.account });
