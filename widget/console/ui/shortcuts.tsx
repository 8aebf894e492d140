// The list of keys, behind "?".

import { type Phrase, say } from '../words/say.ts';
import { Modal } from './parts.tsx';

const KEYS: readonly (readonly [keys: readonly string[], meaning: Phrase & `key${string}`])[] = [
  [['J', 'K'], 'keyMove'],
  [['Enter'], 'keyOpen'],
  [['C'], 'keyClaim'],
  [['N'], 'keyNextWaiting'],
  [['R'], 'keyReply'],
  [['Esc'], 'keyBack'],
  [['Enter'], 'keySend'],
  [['Shift', 'Enter'], 'keyLine'],
  [['?'], 'keyHelp'],
];

export function Shortcuts({ onClose }: { readonly onClose: () => void }) {
  return (
    <Modal title={say('shortcuts')} onClose={onClose}>
      <dl class="keys">
        {KEYS.map(([keys, meaning]) => (
          <div key={meaning} class="keys-row">
            <dt>{say(meaning as 'keyMove')}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
