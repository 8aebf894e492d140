// The calm line at the top while the connection or the store is away.

import { online } from '../../client/browser.ts';
import { useStore } from '../../client/useStore.ts';
import type { Desk } from '../state/desk.ts';
import { closureText } from '../words/refusals.ts';
import { say } from '../words/say.ts';
import { Icon } from './icons.tsx';
import { Spinner } from './parts.tsx';
import { useDesk, useSession } from './session.ts';
import { useNoticed } from './useSteady.ts';

/** The catalogue's refusal while the stores are away. */
const UNAVAILABLE = 101;

function isStoreAway({ drafts }: Desk): boolean {
  return drafts.some(({ status }) => status.is === 'held' && status.refusal.code === UNAVAILABLE);
}

export function ConnectionLine() {
  const session = useSession();
  const isOnline = useStore(online, (now) => now);
  const awaySince = useDesk((desk) => desk.awaySince);
  const isFirst = useDesk((desk) => !desk.hasQueue);
  const storeAway = useDesk(isStoreAway);
  const hungUp = useDesk(({ line }) => (line.phase === 'gone' && line.closure.then === 'stop' ? line : null));
  const isNoticed = useNoticed(awaySince);

  let text = '';
  if (hungUp) text = say('hungUp', { text: closureText(hungUp.closure) });
  else if (isNoticed) text = say(!isOnline ? 'offlineLine' : isFirst ? 'connecting' : 'reconnecting');
  else if (storeAway) text = say('storeAway');

  return (
    <div class="line-place" role="status">
      {text && (
        <div class="line" data-tone={hungUp ? 'bad' : 'warm'}>
          {hungUp ? <Icon name="warn" size={14} /> : <Spinner />}
          <span>{text}</span>
          {hungUp && (
            <button type="button" class="line-button" onClick={() => session.start()}>
              {say('tryAgain')}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
