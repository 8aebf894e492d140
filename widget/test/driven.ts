// A visitor's session without a page, for the fault suite (tests/chaos/widget.py): it reads what to say from its input
// and tells what a panel would show, one JSON value a line. Its clock runs `haste` times as fast as a clock does.

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Draft } from '../client/drafts.ts';
import type { Id, MessageView, Page } from '../client/frames.ts';
import type { Shelf } from '../client/shelf.ts';
import { VisitorSession } from '../client/visit.ts';
import type { Wire, World } from '../client/world.ts';

const [gateway = '', site = '', folder = '', userAgent = '', hasteText = '1'] = process.argv.slice(2);
const haste = Number(hasteText);
const began = Date.now();

const world: World = {
  clock: {
    now: () => began + (Date.now() - began) * haste,
    after(ms, run) {
      const timer = setTimeout(run, ms / haste);
      return () => clearTimeout(timer);
    },
  },
  random: () => Math.random(),
  bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  dial(url, subprotocol) {
    tell({ is: 'dialled' });
    // Node's takes headers, which browsers' does not: whoever says nothing of itself counts as a program.
    const options = { protocols: [subprotocol], headers: { 'user-agent': userAgent } };
    return new WebSocket(url, options as unknown as string[]) as unknown as Wire;
  },
};

const page: Page = {
  url: 'https://shop.example/cart',
  title: 'Cart',
  referrer: '',
  language: 'en-GB',
  timezone: 'Europe/London',
  screen: '1440x900',
};

/** A shelf that outlives this process, as a browser's storage outlives a tab. */
function filed(name: string): Shelf {
  const path = join(folder, name);
  return {
    get() {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return null;
      }
    },
    set(value) {
      writeFileSync(`${path}.new`, value);
      renameSync(`${path}.new`, path);
    },
    clear: () => rmSync(path, { force: true }),
  };
}

function tell(news: unknown): void {
  process.stdout.write(`${JSON.stringify(news)}\n`);
}

const token = filed('token');
const session = new VisitorSession({
  world,
  gateway,
  site,
  token,
  place: filed('place'),
  drafts: filed('drafts'),
  page: () => page,
});

const shown = new Set<number>();
let last = 0;
let welcomed = '';
let wasBehind = false;
/** What was written here and is not known to be kept. */
const open = new Map<Id, Draft['status']['is'] | null>();

/** Tells what changed since the last time. */
function look(): void {
  const { visitor, thread, drafts } = session.store.get();
  if (visitor && thread && welcomed !== `${visitor} ${thread.id}`) {
    welcomed = `${visitor} ${thread.id}`;
    tell({ is: 'welcomed', visitor, conversation: thread.id, token: token.get() });
  }
  for (const draft of drafts) lookAt(draft);
  if (!thread) return;
  if (thread.behind && !wasBehind) tell({ is: 'behind' });
  wasBehind = thread.behind;
  thread.messages.forEach((message, at) => {
    const before = thread.messages[at - 1];
    if (before && before.seq >= message.seq)
      tell({ is: 'disordered', text: `${before.seq}, ${message.seq}` });
    if (!shown.has(message.seq)) show(message);
  });
  if (thread.more) void session.older();
}

function show(message: MessageView): void {
  shown.add(message.seq);
  tell({ is: message.seq > last ? 'shown' : 'older', follows: message.seq === last + 1, message });
  last = Math.max(last, message.seq);
  if (open.delete(message.clientId))
    tell({ is: 'accepted', clientId: message.clientId, seq: message.seq, at: message.at });
}

function lookAt({ clientId, text, status }: Draft): void {
  if (!open.has(clientId)) {
    open.set(clientId, null);
    tell({ is: 'written', clientId, text });
  }
  if (open.get(clientId) === status.is) return;
  open.set(clientId, status.is);
  if (status.is === 'accepted') tell({ ...status, clientId });
  if (status.is === 'refused') tell({ ...status.refusal, is: 'refused', clientId });
}

session.store.subscribe(look);
look();
session.start();
const said = createInterface({ input: process.stdin });
said.on('line', (text) => session.send(JSON.parse(text) as string, ''));
said.on('close', () => process.exit());
