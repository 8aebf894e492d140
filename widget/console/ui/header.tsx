// Above the conversation: who it is with, how it stands, and what can be done with it.

import { useState } from 'preact/hooks';
import type { ConversationView } from '../../client/frames.ts';
import { go } from '../route.ts';
import type { ListName } from '../state/lists.ts';
import { nameOf, pageName } from '../words/names.ts';
import { failureText } from '../words/refusals.ts';
import { say } from '../words/say.ts';
import { dateAndTime, isSameDay, stopwatch, timeOfDay } from '../words/time.ts';
import { claim } from './claim.ts';
import { IconButton, Modal, VisitorAvatar } from './parts.tsx';
import { useDesk, useSession } from './session.ts';
import { useTicking } from './ticker.ts';

interface HeaderProps {
  readonly view: ConversationView;
  readonly list: ListName;
  readonly onDetails: () => void;
}

export function Header({ view, list, onDetails }: HeaderProps) {
  const [isEnding, ask] = useState(false);
  const session = useSession();
  return (
    <header class="head">
      <IconButton icon="back" class="head-back" label={say('back')} onClick={() => go(null)} />
      <VisitorAvatar view={view} />
      <div class="head-words">
        <h2 dir="auto">{nameOf(view)}</h2>
        <Standing view={view} list={list} />
      </div>
      <div class="head-actions">
        {list === 'waiting' && (
          <button type="button" class="button" onClick={() => void claim(session, view.conversation)}>
            {say('claim')}
          </button>
        )}
        {list === 'yours' && (
          <button type="button" class="button" onClick={() => ask(true)}>
            {say('end')}
          </button>
        )}
        <IconButton icon="panel" label={say('showDetails')} onClick={onDetails} />
      </div>
      {isEnding && <EndDialog view={view} onClose={() => ask(false)} />}
    </header>
  );
}

function whenOf(at: number): string {
  return isSameDay(at, Date.now()) ? timeOfDay(at) : dateAndTime(at);
}

function standing(view: ConversationView, list: ListName, now: number): string {
  const since = whenOf(view.claimedAt ?? view.openedAt);
  switch (list) {
    case 'waiting':
      return say('stateWaiting', { wait: stopwatch(now - view.openedAt) });
    case 'yours':
      return say('stateYours', { time: since });
    case 'theirs':
      return say('stateTheirs', { name: view.agent?.name ?? say('aColleague'), time: since });
    case 'ended':
      return say('stateEnded', { time: whenOf(view.endedAt ?? view.openedAt) });
  }
}

function Standing({ view, list }: Pick<HeaderProps, 'view' | 'list'>) {
  const offset = useDesk((desk) => desk.clockOffset);
  const text = useTicking((now) => standing(view, list, now + offset));
  const page = view.visitor && pageName(view.visitor);
  return (
    <p class="head-state" data-list={list}>
      <span class="state-sign" aria-hidden="true" />
      <span class="state-words">{text}</span>
      {page && (
        <span class="state-page" dir="auto" title={page}>
          {page}
        </span>
      )}
    </p>
  );
}

function EndDialog({ view, onClose }: { readonly view: ConversationView; readonly onClose: () => void }) {
  const session = useSession();
  const [isBusy, setBusy] = useState(false);
  const end = async () => {
    setBusy(true);
    const failed = await session.end(view.conversation);
    if (failed) session.notice(failureText(failed));
    onClose();
  };
  return (
    <Modal title={say('endTitle')} onClose={onClose}>
      <p class="modal-text">{say('endText', { name: nameOf(view) })}</p>
      <div class="modal-actions">
        <button type="button" class="button" onClick={onClose}>
          {say('cancel')}
        </button>
        <button type="button" class="button" data-look="danger" disabled={isBusy} onClick={end}>
          {say('endConfirm')}
        </button>
      </div>
    </Modal>
  );
}
