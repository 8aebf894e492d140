// One labelled field of a form, with its hint and its error tied to it for screen readers.

import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { say } from '../words/say.ts';
import { Problem } from './door.tsx';
import { IconButton } from './parts.tsx';

interface FieldProps {
  readonly label: string;
  readonly type?: 'text' | 'email' | 'password';
  readonly value: string;
  readonly autocomplete: 'username' | 'current-password' | 'new-password' | 'name';
  readonly onInput: (value: string) => void;
  readonly hint?: ComponentChildren;
  readonly error?: string;
  readonly focus?: boolean;
}

export function Field({
  label,
  type = 'text',
  value,
  autocomplete,
  onInput,
  hint,
  error,
  focus,
}: FieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [isShown, show] = useState(false);
  useEffect(() => {
    if (focus) input.current?.focus();
  }, [focus]);
  // Preact's types know one kind of input at a time; for these three the rest of the properties is the same.
  const shownType = (isShown ? 'text' : type) as 'text';
  return (
    <div class="field">
      <label htmlFor={id}>{label}</label>
      <div class={type === 'password' ? 'field-secret' : undefined}>
        <input
          ref={input}
          id={id}
          type={shownType}
          value={value}
          autocomplete={autocomplete}
          spellcheck={false}
          maxLength={256}
          required
          aria-invalid={error ? 'true' : undefined}
          aria-describedby={`${id}-hint`}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
        {type === 'password' && (
          <IconButton
            icon={isShown ? 'eyeOff' : 'eye'}
            label={say(isShown ? 'hidePassword' : 'showPassword')}
            onClick={() => show(!isShown)}
          />
        )}
      </div>
      <div id={`${id}-hint`} class="field-hint">
        <Problem text={error ?? ''} />
        {hint}
      </div>
    </div>
  );
}
