// The panel as a whole.

import { useCallback, useMemo, useRef, useState } from 'preact/hooks';
import {
  positionOf,
  Role,
  type Shelf,
  State,
  useStore,
  type Visit,
  type VisitorSession,
} from '../../client/index.ts';
import type { BubbleActions } from './Bubble.tsx';
import { Composer } from './Composer.tsx';
import { EndDialog } from './EndDialog.tsx';
import { Header } from './Header.tsx';
import { useKept, useLasting } from './hooks.ts';
import { Leave } from './Leave.tsx';
import { LineNotice } from './LineNotice.tsx';
import { Log } from './Log.tsx';
import { words } from './words.ts';

interface PanelProps {
  readonly session: VisitorSession;
  /** The address of the privacy policy, before the greeting brings it: nobody writes without having seen it. */
  readonly policy: string;
  /** Where the text that is not sent yet waits out a reload. */
  readonly unsaid: Shelf;
  readonly onClose: (() => void) | undefined;
}

/** A connection that is back so soon was never worth a word. */
const FLICKER_MS = 1_000;

const whole = (visit: Visit) => visit;

/** Something was said here, or is about to be. */
function hasBegun({ thread, drafts }: Visit): boolean {
  return drafts.length > 0 || (thread !== null && positionOf(thread) > 0);
}

/** The visitor wrote and nobody is there: an address would help. */
function wantsAddress({ thread, attended }: Visit): boolean {
  const wrote = thread?.messages.some(({ role }) => role === Role.VISITOR);
  return Boolean(wrote) && !attended && !thread?.agent && thread?.state !== State.ENDED;
}

export function Panel({ session, policy, unsaid, onClose }: PanelProps) {
  const visit = useStore(session.store, whole);
  const [text, setText] = useKept(unsaid);
  const [asksEnd, setAsksEnd] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const state = visit.thread?.state ?? State.NEW;
  const isAway = useLasting(visit.awaySince, FLICKER_MS);
  const actions = useActions(session, setText, area);

  const write = (next: string) => {
    setText(next);
    session.typing.wrote(next);
  };
  const send = (decoy: string) => {
    session.send(text.trim(), decoy);
    setText('');
  };
  const startOver = () => {
    session.startOver();
    requestAnimationFrame(() => area.current?.focus());
  };
  return (
    <>
      <Header
        visit={visit}
        isAway={isAway}
        canEnd={state === State.WAITING || state === State.ACTIVE}
        onEnd={() => setAsksEnd(true)}
        onClose={onClose}
      />
      <LineNotice visit={visit} session={session} isAway={isAway} />
      <Log visit={visit} actions={actions} onOlder={useCallback(() => void session.older(), [session])}>
        {wantsAddress(visit) && <Leave session={session} />}
      </Log>
      {/* With nobody to write to there is nothing to write in. */}
      <footer class="bottom" hidden={!visit.site && visit.line.phase === 'gone'}>
        {!hasBegun(visit) && <Consent url={visit.site?.policyUrl ?? policy} />}
        {state === State.ENDED ? (
          <button type="button" class="solid wide" onClick={startOver}>
            {words.startOver}
          </button>
        ) : (
          <Composer
            text={text}
            canSend={visit.line.phase !== 'gone'}
            area={area}
            onText={write}
            onSend={send}
            onLeave={() => session.typing.stop()}
          />
        )}
      </footer>
      {asksEnd && <EndDialog onEnd={() => session.end()} onClose={() => setAsksEnd(false)} />}
    </>
  );
}

function useActions(
  session: VisitorSession,
  setText: (change: (text: string) => string) => void,
  area: { readonly current: HTMLTextAreaElement | null },
): BubbleActions {
  return useMemo(
    () => ({
      onEdit(key) {
        const back = session.takeBack(key)?.text ?? '';
        setText((text) => [back, text].filter(Boolean).join('\n'));
        area.current?.focus();
      },
      onRemove: (key) => void session.takeBack(key),
      onSendAnew: (key) => session.sendAnew(key),
    }),
    [session, setText, area],
  );
}

function Consent({ url }: { readonly url: string }) {
  const [before, link, after] = words.consent;
  const href = url && URL.canParse(url, document.baseURI) ? new URL(url, document.baseURI) : null;
  if (!href || !/^https?:$/.test(href.protocol)) return null;
  return (
    <p class="consent">
      {before}
      <a href={href.href} target="_blank" rel="noopener noreferrer">
        {link}
      </a>
      {after}
    </p>
  );
}
