// The signed-in agent's session, for every component below the workspace.

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { useStore } from '../../client/useStore.ts';
import type { AgentSession } from '../agent.ts';
import type { Desk } from '../state/desk.ts';

export const SessionContext = createContext<AgentSession | null>(null);

export function useSession(): AgentSession {
  const session = useContext(SessionContext);
  if (!session) throw new Error('no session: this component belongs inside the workspace');
  return session;
}

/** The part of the desk that `select` picks. */
export function useDesk<T>(select: (desk: Desk) => T): T {
  return useStore(useSession().store, select);
}
