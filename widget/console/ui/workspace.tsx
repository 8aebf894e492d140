// The signed-in agent's screen: list, conversation, visitor. Joins the session to the address and the window.

import { useEffect, useState } from 'preact/hooks';
import { whenBack } from '../../client/browser.ts';
import { useStore } from '../../client/useStore.ts';
import type { SignedIn } from '../api.ts';
import { route } from '../route.ts';
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
  const isSignedOut = useDesk(({ line }) => line.phase === 'gone' && line.closure.then === 'sign_in');
  useEffect(() => {
    session.start();
    return whenBack(() => session.nudge());
  }, [session]);
  useEffect(() => {
    if (isSignedOut) onSignedOut();
  }, [isSignedOut]);
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
