// An agent's session for tests: begun, or welcomed already. The agent is Grace.

import { type Person, type ServerFrame, State } from '../client/frames.ts';
import { AgentSession } from '../console/agent.ts';
import type { News } from '../console/state/screen.ts';
import { AT, type view } from './frames.ts';
import { GRACE } from './workplace.ts';
import { ManualWorld, memoryShelf, settle } from './world.ts';

/** What makes a conversation Grace's. */
export const mine = { state: State.ACTIVE, agent: GRACE, claimedAt: AT } as const;

export function begin(ticket: () => Promise<string> = async () => 'ticket', away = memoryShelf()) {
  const world = new ManualWorld();
  const news: News[] = [];
  const onNews = (each: News) => void news.push(each);
  const session = new AgentSession({ world, gateway: 'ws://x', ticket, onNews, away });
  return { world, session, news, away };
}

function queue(...conversations: ReturnType<typeof view>[]): ServerFrame {
  return { type: 'Queue', ref: 0, conversations, ended: [], people: [GRACE] };
}

export async function greet(world: ManualWorld, me: Person, ...conversations: ReturnType<typeof view>[]) {
  await settle();
  world.wire.opens();
  const { ref } = world.wire.last('HelloAgent');
  world.wire.says({ type: 'WelcomeAgent', ref, me, workspace: 'Oak', heartbeatMs: 60_000, now: AT });
  world.wire.says(queue(...conversations));
  await settle();
}

/** A session of Grace's that is welcomed and has these conversations in its queue. */
export async function welcomed(...conversations: ReturnType<typeof view>[]) {
  const begun = begin();
  begun.session.start();
  await greet(begun.world, GRACE, ...conversations);
  return begun;
}
