// Below the conversation: where I write, or why I cannot.

import type { ConversationView } from '../../client/frames.ts';
import type { ListName } from '../state/lists.ts';
import { say } from '../words/say.ts';
import { claim } from './claim.ts';
import { Composer } from './composer.tsx';
import { useDesk, useSession } from './session.ts';

interface AnswerProps {
  readonly view: ConversationView;
  readonly list: ListName;
}

export function Answer({ view, list }: AnswerProps) {
  if (list === 'yours') return <Composer view={view} />;
  if (list === 'waiting') return <ToClaim view={view} />;
  const name = view.agent?.name ?? say('aColleague');
  return (
    <footer class="answer">
      <p class="answer-note">{list === 'ended' ? say('endedNote') : say('colleagueAnswers', { name })}</p>
    </footer>
  );
}

function ToClaim({ view }: Pick<AnswerProps, 'view'>) {
  const session = useSession();
  const isClaiming = useDesk((desk) => desk.screen.claiming.has(view.conversation));
  return (
    <footer class="answer">
      <div class="to-claim">
        <p>{say('claimHint')}</p>
        <button
          type="button"
          class="button"
          data-look="primary"
          disabled={isClaiming}
          onClick={() => void claim(session, view.conversation)}
        >
          {say(isClaiming ? 'claiming' : 'claimToAnswer')}
          <span class="kbd">C</span>
        </button>
      </div>
    </footer>
  );
}
