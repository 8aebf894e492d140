// Where the visitor writes.

import type { Ref } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { lengthOf, TEXT_CHARACTERS } from '../../client/index.ts';
import { Send } from './icons.tsx';
import { words } from './words.ts';

/** From here on the writer is told how much is left. */
const COUNT_FROM = TEXT_CHARACTERS - 500;

interface ComposerProps {
  readonly text: string;
  readonly canSend: boolean;
  readonly area: Ref<HTMLTextAreaElement>;
  readonly onText: (text: string) => void;
  readonly onSend: (decoy: string) => void;
  readonly onLeave: () => void;
}

export function Composer({ text, canSend, area, onText, onSend, onLeave }: ComposerProps) {
  const form = useRef<HTMLFormElement>(null);
  const length = lengthOf(text);
  const isReady = canSend && text.trim() !== '' && length <= TEXT_CHARACTERS;
  useGrowing(form, text);

  const submit = (event: Event) => {
    event.preventDefault();
    const decoy = form.current?.elements.namedItem('website');
    if (isReady) onSend(decoy instanceof HTMLInputElement ? decoy.value : '');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, Enter picks a candidate. Safari ends composing before this event and tells
    // only by the key code.
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key === 'Enter' && !event.shiftKey && !composing) submit(event);
  };
  return (
    <form class="composer" ref={form} onSubmit={submit}>
      <div class="field">
        <textarea
          ref={area}
          rows={1}
          dir="auto"
          value={text}
          aria-label={words.composer}
          placeholder={words.placeholder}
          enterkeyhint="send"
          onInput={(event) => onText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onBlur={onLeave}
        />
        <button type="submit" class="send" aria-label={words.send} disabled={!isReady}>
          <Send />
        </button>
      </div>
      <Count left={TEXT_CHARACTERS - length} />
      {/* A decoy for bots: people neither see nor reach it. */}
      <input class="decoy" name="website" tabIndex={-1} aria-hidden="true" autocomplete="off" />
    </form>
  );
}

function Count({ left }: { readonly left: number }) {
  if (left > TEXT_CHARACTERS - COUNT_FROM) return null;
  return (
    <p class={left < 0 ? 'counter over' : 'counter'} role="status">
      {left < 0 ? words.over(-left) : words.left(left)}
    </p>
  );
}

/** As high as its text, up to the height that the stylesheet allows. */
function useGrowing(form: { readonly current: HTMLFormElement | null }, text: string): void {
  useLayoutEffect(() => {
    const area = form.current?.querySelector('textarea');
    if (!area) return;
    area.style.height = 'auto';
    area.style.height = text === '' ? '' : `${area.scrollHeight}px`;
  }, [form, text]);
}
