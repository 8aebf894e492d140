// The signed-in agent's screen: list, conversation, visitor. Joins the session to the address and the window.

import { useEffect, useState } from 'preact/hooks';
import { whenBack } from '../../client/browser.ts';
import { useStore } from '../../client/useStore.ts';
import type { SignedIn } from '../api.ts';
import { route } from '../route.ts';
import type { Desk } from '../state/desk.ts';
import { attentionOf } from '../state/lists.ts';
import { say } from '../words/say.ts';
import { Conversation } from './conversation.tsx';
import { useKeys } from './keys.ts';
import { ConnectionLine } from './line.tsx';
import { Notices } from './notices.tsx';
import { useDesk, useSession } from './session.ts';
import { Shortcuts } from './shortcuts.tsx';
import { Sidebar } from './sidebar.tsx';

interface WorkspaceProps {
  readonly signedIn: SignedIn;
  readonly onSignedOut: () => void;
  readonly onLeave: () => void;
}

export function Workspace({ signedIn, onSignedOut, onLeave }: WorkspaceProps) {
  const openId = useDesk((desk) => desk.screen.openId);
  const [showsKeys, showKeys] = useState(false);
  useRunning(onSignedOut);
  useAddress();
  useTitle(signedIn.workspace.name);
  useKeys(() => showKeys(true));
  useUnsent();

  return (
    <div class="app">
      <a class="skip" href="#conversation">
        {say('skipToConversation')}
      </a>
      <ConnectionLine />
      <div class="columns" data-shows={openId ? 'conversation' : 'list'}>
        <Sidebar signedIn={signedIn} onShortcuts={() => showKeys(true)} onLeave={onLeave} />
        <Conversation />
      </div>
      <Notices />
      {showsKeys && <Shortcuts onClose={() => showKeys(false)} />}
    </div>
  );
}

/** Connected while the workspace is on the screen; a lost sign-in leads to the sign-in page. */
function useRunning(onSignedOut: () => void): void {
  const session = useSession();
  const isSignedOut = useDesk(isOver);
  useEffect(() => {
    session.start();
    return whenBack((ms) => session.nudge(ms));
  }, [session]);
  useEffect(() => {
    // After signing in again the session was over when this was drawn, and is not any more.
    if (isSignedOut && isOver(session.store.get())) onSignedOut();
  }, [isSignedOut]);
}

function isOver({ line }: Desk): boolean {
  return line.phase === 'gone' && line.closure.then === 'sign_in';
}

/** The browser asks before a page is left whose messages nobody else has yet. */
function useUnsent(): void {
  const hasUnsent = useDesk(({ drafts }) => drafts.some(({ status }) => status.is !== 'accepted'));
  useEffect(() => {
    if (!hasUnsent) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [hasUnsent]);
}

function useAddress(): void {
  const session = useSession();
  const id = useStore(route, (where) => (where.is === 'conversation' ? where.id : null));
  useEffect(() => session.open(id), [session, id]);
}

function useTitle(workspace: string): void {
  const count = useDesk(attentionOf);
  useEffect(() => {
    document.title = `${count > 0 ? `(${count}) ` : ''}${workspace} · ${say('product')}`;
  }, [count, workspace]);
}
