// Taking a conversation, and what the agent is told when a colleague was faster.

import type { AgentSession, Claimed } from '../agent.ts';
import { go } from '../route.ts';
import { failureText } from '../words/refusals.ts';
import { say } from '../words/say.ts';

/** Opens the conversation and claims it. Afterwards it is mine, or the agent was told why not. */
export async function claim(session: AgentSession, id: string): Promise<void> {
  if (session.store.get().screen.claiming.has(id)) return;
  go(id);
  const text = problemOf(await session.claim(id), session);
  if (text) session.notice(text);
}

function problemOf(claimed: Claimed, session: AgentSession): string {
  if (claimed.is === 'mine') return '';
  if (claimed.is === 'failed') return failureText(claimed);
  return say('faster', { name: winner(claimed.by, session) });
}

/** The server names the winner by account or by name. */
function winner(by: string, session: AgentSession): string {
  const colleague = session.store.get().colleagues.get(by);
  if (colleague) return colleague.person.name;
  return by && !/^[0-9a-f-]{36}$/.test(by) ? by : say('aColleague');
}
