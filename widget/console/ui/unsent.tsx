// What I wrote and can never be sent where it was written to, all of it in one place: to copy, or to let go.

import { useState } from 'preact/hooks';
import type { Draft, Refusal } from '../../client/drafts.ts';
import { refusalText } from '../words/refusals.ts';
import { say } from '../words/say.ts';
import { Icon } from './icons.tsx';
import { useSession } from './session.ts';

interface UnsentProps {
  readonly drafts: readonly Draft[];
  readonly refusal: Refusal;
}

/** The catalogue's refusal for what came after the end. */
const ENDED = 120;
const COPIED_MS = 2_000;

export function Unsent({ drafts, refusal }: UnsentProps) {
  const session = useSession();
  const count = drafts.length;
  const discard = () => {
    for (const { clientId } of drafts) session.takeBack(clientId);
  };
  return (
    <li class="unsent">
      <p class="unsent-head">
        <Icon name="warn" size={14} />
        <span>
          {refusal.code === ENDED
            ? say('notSentEnded', { count })
            : say('notSentBecause', { count, reason: refusalText(refusal) })}
        </span>
      </p>
      <div class="unsent-texts">
        {drafts.map(({ clientId, text }) => (
          <p key={clientId} dir="auto">
            {text}
          </p>
        ))}
      </div>
      <p class="unsent-foot">
        <CopyTexts drafts={drafts} />
        <button type="button" class="link" onClick={discard}>
          {say('discard')}
        </button>
      </p>
    </li>
  );
}

function CopyTexts({ drafts }: Pick<UnsentProps, 'drafts'>) {
  const session = useSession();
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(drafts.map(({ text }) => text).join('\n\n'));
    } catch {
      session.notice(say('notCopied')); // the browser forbids it; by hand it always works
      return;
    }
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  return (
    <button type="button" class="link" onClick={() => void copy()}>
      <Icon name={isCopied ? 'check' : 'copy'} size={14} />
      <span aria-live="polite">{say(isCopied ? 'copied' : drafts.length > 1 ? 'copyAll' : 'copy')}</span>
    </button>
  );
}
