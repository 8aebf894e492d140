// How the connection stands, when that matters to the visitor.

import { online, useStore, type Visit, type VisitorSession } from '../../client/index.ts';
import { words } from './words.ts';

interface LineNoticeProps {
  readonly visit: Visit;
  readonly session: VisitorSession;
  /** There has been no connection for a while. */
  readonly isAway: boolean;
}

export function LineNotice({ visit, session, isAway }: LineNoticeProps) {
  const isOnline = useStore(online, (now) => now);
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
  const trying = visit.site ? words.reconnecting : words.connecting;
  const text = isOnline ? trying : words.offline;
  return (
    <div class={isAway ? 'line away' : 'line'} role="status">
      {isAway && <span>{text}</span>}
    </div>
  );
}
