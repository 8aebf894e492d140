// The sign-in page.

import { useState } from 'preact/hooks';
import { type SignedIn, signIn, Trouble } from '../api.ts';
import { say } from '../words/say.ts';
import { rough } from '../words/time.ts';
import { Door, Problem } from './door.tsx';
import { Field } from './field.tsx';

interface SignInProps {
  /** Why the agent is asked again, if they were signed in a moment ago. */
  readonly reason: string;
  readonly onSignedIn: (signedIn: SignedIn) => void;
}

export function troubleText(error: unknown): string {
  if (!(error instanceof Trouble)) throw error;
  if (error.status === 0) return say('unreachable');
  if (error.status === 429) return say('tooManyTries', { wait: rough(error.retryAfterMs ?? 60_000) });
  return say('serverTrouble');
}

function signInText(error: unknown): string {
  const isRefused = error instanceof Trouble && [400, 401, 422].includes(error.status);
  return isRefused ? say('wrongPassword') : troubleText(error);
}

export function SignIn({ reason, onSignedIn }: SignInProps) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem('');
    try {
      onSignedIn(await signIn(email.trim(), password));
    } catch (error) {
      setProblem(signInText(error));
      setBusy(false);
    }
  };

  return (
    <Door title={say('signInTo')} intro={reason || say('signInIntro')}>
      <form class="door-form" onSubmit={submit} noValidate>
        <Field
          label={say('email')}
          type="email"
          value={email}
          autocomplete="username"
          onInput={setEmail}
          focus
        />
        <Field
          label={say('password')}
          type="password"
          value={password}
          autocomplete="current-password"
          onInput={setPassword}
        />
        <Problem text={problem} />
        <button
          type="submit"
          class="button"
          data-look="primary"
          data-size="large"
          disabled={isBusy || !email || !password}
        >
          {say(isBusy ? 'signingIn' : 'signIn')}
        </button>
      </form>
      <p class="door-foot">{say('noAccount')}</p>
    </Door>
  );
}
