// Stands where a conversation will be: quiet while it comes, and with a way on where it does not.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { online } from '../../client/browser.ts';
import { useStore } from '../../client/useStore.ts';
import { go } from '../route.ts';
import { UNKNOWN } from '../state/desk.ts';
import { refusalText } from '../words/refusals.ts';
import { say } from '../words/say.ts';
import { Icon, type IconName } from './icons.tsx';
import { useDesk, useSession } from './session.ts';
import { useNoticed, useSteady } from './useSteady.ts';

/** It takes a fraction of a second; after this long something is wrong. */
const LONG_MS = 6_000;

export function Fetching({ id }: { readonly id: string }) {
  const [tries, count] = useState(0);
  const session = useSession();
  const again = () => {
    count(tries + 1);
    session.retry(id);
  };
  return (
    <div class="fetching" role="status">
      <State key={`${id} ${tries}`} id={id} onAgain={again} />
    </div>
  );
}

interface StateProps {
  readonly id: string;
  readonly onAgain: () => void;
}

function State({ id, onAgain }: StateProps) {
  const refusal = useDesk((desk) => desk.screen.refused.get(id));
  const awaySince = useDesk((desk) => desk.awaySince);
  const isAway = useNoticed(awaySince);
  const isOnline = useStore(online, (now) => now);
  const isLong = useSteady(awaySince === null, LONG_MS);
  if (refusal?.code === UNKNOWN) {
    return (
      <Trouble icon="chat" title={say('notHere')} hint={say('notHereHint')}>
        <button type="button" class="button" onClick={() => go(null)}>
          {say('back')}
        </button>
      </Trouble>
    );
  }
  const again = (
    <button type="button" class="button" onClick={onAgain}>
      {say('tryAgain')}
    </button>
  );
  if (refusal) {
    return (
      <Trouble icon="warn" title={say('notShown')} hint={refusalText(refusal)}>
        {again}
      </Trouble>
    );
  }
  if (isAway) {
    return (
      <Trouble icon="warn" title={say(isOnline ? 'awayTitle' : 'offlineTitle')} hint={say('awayHint')}>
        {again}
      </Trouble>
    );
  }
  if (isLong) {
    return (
      <Trouble icon="warn" title={say('longTitle')} hint={say('longHint')}>
        {again}
      </Trouble>
    );
  }
  return <Ghosts />;
}

interface TroubleProps {
  readonly icon: IconName;
  readonly title: string;
  readonly hint: string;
  readonly children: ComponentChildren;
}

function Trouble({ icon, title, hint, children }: TroubleProps) {
  return (
    <div class="nobody">
      <span class="nobody-sign">
        <Icon name={icon} size={22} />
      </span>
      <h2>{title}</h2>
      <p>{hint}</p>
      {children}
    </div>
  );
}

/** The shapes of messages to come. They appear only where it takes long enough to be seen. */
function Ghosts() {
  return (
    <div class="ghosts">
      <div aria-hidden="true">
        <span data-side="visitor" />
        <span data-side="visitor" />
        <span data-side="me" />
        <span data-side="visitor" />
        <span data-side="me" />
      </div>
      <p>{say('loadingConversation')}</p>
    </div>
  );
}
