// The console from outside in: who is signed in decides what stands on the screen.

import { useEffect, useRef, useState } from 'preact/hooks';
import { browserWorld } from '../../client/browser.ts';
import { shelf } from '../../client/shelf.ts';
import { useStore } from '../../client/useStore.ts';
import { AgentSession, SignedOut } from '../agent.ts';
import { alertTo } from '../alerts.ts';
import { me, type SignedIn, signOut, Trouble, ticket } from '../api.ts';
import { go, route } from '../route.ts';
import { say } from '../words/say.ts';
import { Door } from './door.tsx';
import { SessionContext } from './session.ts';
import { SignIn, troubleText } from './signIn.tsx';
import { Welcome } from './welcome.tsx';
import { Workspace } from './workspace.tsx';

type Phase =
  | { readonly is: 'opening' }
  | { readonly is: 'out'; readonly reason: string }
  | { readonly is: 'in'; readonly signedIn: SignedIn }
  | { readonly is: 'trouble'; readonly trouble: Trouble };

/** A session outlives its sign-in, so that what was written is still there after signing in again. */
interface Held {
  readonly account: string;
  readonly session: AgentSession;
}

async function freshTicket(): Promise<string> {
  try {
    return await ticket();
  } catch (error) {
    if (error instanceof Trouble && error.status === 401) throw new SignedOut();
    throw error;
  }
}

/** Each account's own: people who share a browser do not answer for each other. */
const awayKey = (account: string) => `aican.away:${account}`;

function newSession(gateway: string, account: string): AgentSession {
  const session: AgentSession = new AgentSession({
    world: browserWorld,
    gateway,
    ticket: freshTicket,
    away: shelf(() => localStorage, awayKey(account)),
    onNews: (news) => alertTo(session, news),
  });
  return session;
}

export function App({ gateway }: { readonly gateway: string }) {
  const [phase, setPhase] = useState<Phase>({ is: 'opening' });
  const where = useStore(route, (now) => now);
  const held = useRef<Held | null>(null);

  const enter = (signedIn: SignedIn) => {
    if (held.current?.account !== signedIn.account.id) {
      held.current?.session.stop();
      held.current = { account: signedIn.account.id, session: newSession(gateway, signedIn.account.id) };
    }
    setPhase({ is: 'in', signedIn });
  };
  const look = () => {
    setPhase({ is: 'opening' });
    me().then(
      (signedIn) => (signedIn ? enter(signedIn) : setPhase({ is: 'out', reason: '' })),
      (error: unknown) => error instanceof Trouble && setPhase({ is: 'trouble', trouble: error }),
    );
  };
  useEffect(look, []);
  useEffect(() => {
    // Said in another tab of this browser, it holds here, too: one of them alone would keep the account available.
    const hear = ({ key, newValue }: StorageEvent) => {
      if (held.current && key === awayKey(held.current.account))
        held.current.session.available(newValue === null);
    };
    window.addEventListener('storage', hear);
    return () => window.removeEventListener('storage', hear);
  }, []);

  const leave = async () => {
    held.current?.session.stop();
    held.current = null;
    await signOut().catch(() => null);
    go(null);
    setPhase({ is: 'out', reason: '' });
  };

  if (where.is === 'welcome') return <Welcome token={where.token} onSignedIn={enter} />;
  switch (phase.is) {
    case 'opening':
      return <Door title={say('opening')} />;
    case 'trouble':
      return <Away trouble={phase.trouble} onRetry={look} />;
    case 'out':
      return <SignIn reason={phase.reason} onSignedIn={enter} />;
    case 'in':
      return held.current ? (
        <SessionContext.Provider value={held.current.session}>
          <Workspace
            signedIn={phase.signedIn}
            onSignedOut={() => setPhase({ is: 'out', reason: say('signedOut') })}
            onLeave={leave}
          />
        </SessionContext.Provider>
      ) : null;
  }
}

function Away({ trouble, onRetry }: { readonly trouble: Trouble; readonly onRetry: () => void }) {
  return (
    <Door title={say('product')} intro={troubleText(trouble)}>
      <button type="button" class="button" data-size="large" onClick={onRetry}>
        {say('tryAgain')}
      </button>
    </Door>
  );
}
