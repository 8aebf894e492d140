// What stands in the middle while no conversation is open: what happens next, and what to do.

import { listsOf } from '../state/lists.ts';
import { say } from '../words/say.ts';
import { Icon } from './icons.tsx';
import { useDesk } from './session.ts';

export function Nobody() {
  const waiting = useDesk((desk) => listsOf(desk.conversations, desk.me?.account).waiting.length);
  const isNew = useDesk((desk) => desk.conversations.size === 0);
  if (waiting > 0) return <Pick count={waiting} />;
  return (
    <div class="nobody">
      <span class="nobody-sign">
        <Icon name="chat" size={22} />
      </span>
      <h2>{say(isNew ? 'emptyFirst' : 'emptyTitle')}</h2>
      <p>{say('emptyHint')}</p>
      <a class="button" href="/demo" target="_blank" rel="noopener">
        {say('tryDemo')}
        <Icon name="out" size={14} />
      </a>
      <p class="nobody-note">{say('tryDemoHint')}</p>
    </div>
  );
}

function Pick({ count }: { readonly count: number }) {
  return (
    <div class="nobody">
      <span class="nobody-sign">
        <Icon name="chat" size={22} />
      </span>
      <h2>{say('emptyPick')}</h2>
      <p>{say('emptyPickHint', { count })}</p>
      <p class="nobody-keys">
        <kbd>N</kbd> {say('keyNextWaiting')}
      </p>
      <p class="nobody-keys">
        <kbd>?</kbd> {say('shortcuts')}
      </p>
    </div>
  );
}
