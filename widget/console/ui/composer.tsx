// Where an agent writes. Enter sends; while an input method composes, Enter belongs to it.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type ConversationView, TEXT_CHARACTERS } from '../../client/frames.ts';
import { lengthOf } from '../../client/schema.ts';
import { givenName } from '../words/names.ts';
import { say } from '../words/say.ts';
import { Icon } from './icons.tsx';
import { isSending } from './sending.ts';
import { useDesk, useSession } from './session.ts';

/** About a third of a laptop's window; beyond it the text scrolls. */
const TALLEST_PX = 240;
export function Composer({ view }: { readonly view: ConversationView }) {
  const session = useSession();
  const id = view.conversation;
  const { text, write } = useText(id);
  const name = givenName(view.visitor);
  const box = useRef<HTMLTextAreaElement>(null);
  const excess = text.length > TEXT_CHARACTERS ? lengthOf(text) - TEXT_CHARACTERS : 0;
  const canSend = text.trim() !== '' && excess <= 0;
  useGrowing(box, text);
  useEffect(() => {
    // On a touch screen the focus would open the keyboard over what is to be read.
    if (matchMedia('(hover: hover)').matches) box.current?.focus();
  }, []);

  const send = () => {
    if (!canSend) return;
    session.send(id, text.trim());
    write('');
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isSending(event)) return;
    event.preventDefault();
    send();
  };

  return (
    <footer class="answer">
      <div class="composer">
        <textarea
          ref={box}
          data-composer="true"
          rows={1}
          dir="auto"
          value={text}
          placeholder={name ? say('writeTo', { name }) : say('writeAnswer')}
          aria-label={say('message')}
          aria-describedby="composer-hint"
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <button type="button" class="send" aria-label={say('send')} disabled={!canSend} onClick={send}>
          <Icon name="send" />
        </button>
      </div>
      <p id="composer-hint" class="composer-hint" data-over={excess > 0} aria-live="polite">
        {excess > 0 ? say('tooLong', { count: excess }) : say('sendHint')}
      </p>
    </footer>
  );
}

/** The unsent text of this conversation. It also changes from outside, when a refused message is taken back. */
function useText(id: string) {
  const session = useSession();
  const taken = useDesk((desk) => desk.screen.takenBack);
  const [text, setText] = useState(session.texts.get(id) ?? '');
  useEffect(() => {
    if (taken?.id === id) setText(session.texts.get(id) ?? '');
  }, [taken, id, session]);
  const write = (next: string) => {
    setText(next);
    session.wrote(id, next);
  };
  return { text, write };
}

function useGrowing(box: { readonly current: HTMLTextAreaElement | null }, text: string): void {
  useLayoutEffect(() => {
    const { current } = box;
    if (!current) return;
    current.style.setProperty('height', 'auto');
    current.style.setProperty('height', `${Math.min(current.scrollHeight, TALLEST_PX)}px`);
  }, [text]);
}
