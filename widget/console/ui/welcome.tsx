// The page behind a one-time link: who are you, and which password will you have.

import { useEffect, useState } from 'preact/hooks';
import { accept, type Invitation, invitation, type SignedIn, Trouble } from '../api.ts';
import { leaveWelcome } from '../route.ts';
import { lengthOf, PASSWORD_CHARACTERS, type Strength, strengthOf } from '../words/passphrase.ts';
import { say } from '../words/say.ts';
import { Door, Problem } from './door.tsx';
import { Field } from './field.tsx';
import { troubleText } from './signIn.tsx';

interface WelcomeProps {
  readonly token: string;
  readonly onSignedIn: (signedIn: SignedIn) => void;
}

export function Welcome({ token, onSignedIn }: WelcomeProps) {
  const [invited, setInvited] = useState<Invitation | 'asking' | 'gone' | Trouble>('asking');
  useEffect(() => {
    invitation(token).then(setInvited, (error: unknown) => {
      if (error instanceof Trouble) setInvited([404, 422].includes(error.status) ? 'gone' : error);
    });
  }, [token]);

  if (invited === 'asking') return <Door title={say('entering')} />;
  if (invited === 'gone') return <Gone />;
  if (invited instanceof Trouble) {
    return (
      <Door title={say('product')} intro={troubleText(invited)}>
        <button type="button" class="button" data-size="large" onClick={() => location.reload()}>
          {say('tryAgain')}
        </button>
      </Door>
    );
  }
  return <Introduction token={token} invited={invited} onSignedIn={onSignedIn} />;
}

function Gone() {
  return (
    <Door title={say('invitationGone')} intro={say('invitationGoneHint')}>
      <button type="button" class="button" data-look="primary" data-size="large" onClick={leaveWelcome}>
        {say('goSignIn')}
      </button>
    </Door>
  );
}

type Problems = Partial<Record<string, string>>;

/** A 422 names the field; its sentence stands there. What belongs to no field stands above the button. */
function problemsOf(error: unknown): Problems {
  if (error instanceof Trouble && error.field) return { [error.field]: error.message };
  if (error instanceof Trouble && error.status === 404) return { form: say('invitationGone') };
  return { form: troubleText(error) };
}

function Introduction({ token, invited, onSignedIn }: WelcomeProps & { readonly invited: Invitation }) {
  const [name, setName] = useState('');
  const [email, setEmail] = useState(invited.email ?? '');
  const [password, setPassword] = useState('');
  const [problems, setProblems] = useState<Problems>({});
  const [isBusy, setBusy] = useState(false);
  const isComplete = name.trim() && email.trim() && lengthOf(password) >= PASSWORD_CHARACTERS;

  const submit = async (event: Event) => {
    event.preventDefault();
    if (!isComplete) return;
    setBusy(true);
    setProblems({});
    try {
      onSignedIn(await accept({ token, name: name.trim(), email: email.trim(), password }));
      leaveWelcome();
    } catch (error) {
      setProblems(problemsOf(error));
      setBusy(false);
    }
  };

  return (
    <Door
      title={say('welcomeTo', { workspace: invited.workspace.name })}
      intro={say(invited.role === 'owner' ? 'welcomeOwner' : 'welcomeAgent')}
    >
      <form class="door-form" onSubmit={submit} noValidate>
        <Field
          label={say('yourName')}
          value={name}
          autocomplete="name"
          onInput={setName}
          hint={say('yourNameHint')}
          error={problems['name'] ?? ''}
          focus
        />
        <Field
          label={say('email')}
          type="email"
          value={email}
          autocomplete="username"
          onInput={setEmail}
          error={problems['email'] ?? ''}
        />
        <Field
          label={say('password')}
          type="password"
          value={password}
          autocomplete="new-password"
          onInput={setPassword}
          error={problems['password'] ?? ''}
          hint={<StrengthHint password={password} />}
        />
        <Problem text={problems['form'] ?? ''} />
        <button
          type="submit"
          class="button"
          data-look="primary"
          data-size="large"
          disabled={isBusy || !isComplete}
        >
          {say(isBusy ? 'entering' : 'enterWorkspace')}
        </button>
      </form>
    </Door>
  );
}

const ADVICE: Record<Exclude<Strength, 'short'>, 'passwordPlain' | 'passwordGood' | 'passwordStrong'> = {
  plain: 'passwordPlain',
  good: 'passwordGood',
  strong: 'passwordStrong',
};

function adviceOn(password: string, strength: Strength): string {
  if (password === '') return say('passwordHint');
  if (strength !== 'short') return say(ADVICE[strength]);
  return say('passwordShort', { count: PASSWORD_CHARACTERS - lengthOf(password) });
}

function StrengthHint({ password }: { readonly password: string }) {
  const strength = strengthOf(password);
  return (
    <div class="strength" data-is={password === '' ? 'empty' : strength}>
      <span class="strength-bar" aria-hidden="true">
        <span />
        <span />
        <span />
      </span>
      <span>{adviceOn(password, strength)}</span>
    </div>
  );
}
