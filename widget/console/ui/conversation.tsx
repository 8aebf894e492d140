// The middle and the right: the open conversation and its visitor, or what to do when none is open.

import { useState } from 'preact/hooks';
import type { ConversationView } from '../../client/frames.ts';
import { go } from '../route.ts';
import { listOf } from '../state/lists.ts';
import { nameOf } from '../words/names.ts';
import { say } from '../words/say.ts';
import { Answer } from './answer.tsx';
import { Details } from './details.tsx';
import { Fetching } from './fetching.tsx';
import { Header } from './header.tsx';
import { Messages } from './messages.tsx';
import { Nobody } from './nobody.tsx';
import { IconButton } from './parts.tsx';
import { useDesk } from './session.ts';

/** Where the visitor's details have a column of their own (the same width as in layout.css). */
const WIDE = '(min-width: 73.75em)';

export function Conversation() {
  const openId = useDesk((desk) => desk.screen.openId);
  const view = useDesk((desk) => desk.conversations.get(desk.screen.openId ?? ''));
  const hasQueue = useDesk((desk) => desk.hasQueue);
  if (view) return <Open key={view.conversation} view={view} />;
  return (
    <main id="conversation" class="main" data-empty="true" tabIndex={-1}>
      {openId === null && hasQueue && <Nobody />}
      {openId !== null && (
        <>
          <div class="nobody-back">
            <IconButton icon="back" label={say('back')} onClick={() => go(null)} />
          </div>
          <Fetching id={openId} />
        </>
      )}
    </main>
  );
}

function Open({ view }: { readonly view: ConversationView }) {
  const me = useDesk((desk) => desk.me?.account);
  // What is not chosen follows the width of the window.
  const [chosen, choose] = useState<boolean | null>(null);
  const list = listOf(view, me) ?? 'ended';
  const toggle = () => choose(!(chosen ?? matchMedia(WIDE).matches));
  return (
    <div class="main" data-details={chosen === null ? undefined : chosen ? 'shown' : 'hidden'}>
      <main id="conversation" class="conversation" tabIndex={-1} aria-label={nameOf(view)}>
        <Header view={view} list={list} onDetails={toggle} />
        <Messages view={view} list={list} />
        <Answer view={view} list={list} />
      </main>
      <Details view={view} onClose={() => choose(false)} />
    </div>
  );
}
