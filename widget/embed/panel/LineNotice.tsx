// How the connection stands, when that matters to the visitor. What lasts under a second is not worth a word.

import type { Visit, VisitorSession } from '../../client/index.ts';
import { useLasting } from './hooks.ts';
import { words } from './words.ts';

const FLICKER_MS = 1_000;

export function LineNotice({ visit, session }: { readonly visit: Visit; readonly session: VisitorSession }) {
  const isAway = useLasting(visit.awaySince, FLICKER_MS);
  if (visit.line.phase === 'gone') {
    return (
      <div class="line gone" role="alert">
        <span>{words.unavailable}</span>
        <button type="button" class="choice" onClick={() => session.start()}>
          {words.tryAgain}
        </button>
      </div>
    );
  }
  const text = visit.site ? words.reconnecting : words.connecting;
  return (
    <div class={isAway ? 'line away' : 'line'} role="status">
      {isAway && <span>{text}</span>}
    </div>
  );
}
