// The page behind a one-time link: who are you, and which password will you have.

import { useEffect, useState } from 'preact/hooks';
import { accept, type Invitation, invitation, type SignedIn, Trouble } from '../api.ts';
import { leaveWelcome } from '../route.ts';
import { fieldProblem } from '../words/fields.ts';
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
  if (error instanceof Trouble && error.status === 422) return fieldProblem(error.field, error.message);
  if (error instanceof Trouble && error.status === 404) return { form: say('invitationGone') };
  return { form: troubleText(error) };
}

type Answers = Record<'name' | 'email' | 'password', string>;

/** What is typed, what was wrong with it, and sending it off. */
function useAcceptance(token: string, invited: Invitation, onSignedIn: WelcomeProps['onSignedIn']) {
  const [answers, setAnswers] = useState<Answers>({ name: '', email: invited.email ?? '', password: '' });
  const [problems, setProblems] = useState<Problems>({});
  const [isBusy, setBusy] = useState(false);
  const [name, email] = [answers.name.trim(), answers.email.trim()];
  const isComplete = name !== '' && email !== '' && lengthOf(answers.password) >= PASSWORD_CHARACTERS;
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!isComplete) return;
    setBusy(true);
    setProblems({});
    try {
      onSignedIn(await accept({ token, name, email, password: answers.password }));
      leaveWelcome();
    } catch (error) {
      setProblems(problemsOf(error));
      setBusy(false);
    }
  };
  /** The properties of the field that holds one answer. */
  const field = (of: keyof Answers) => ({
    value: answers[of],
    onInput: (value: string) => setAnswers({ ...answers, [of]: value }),
    error: problems[of] ?? '',
  });
  return { field, problem: problems['form'] ?? '', canSubmit: isComplete && !isBusy, isBusy, submit };
}

function Introduction({ token, invited, onSignedIn }: WelcomeProps & { readonly invited: Invitation }) {
  const { field, problem, canSubmit, isBusy, submit } = useAcceptance(token, invited, onSignedIn);
  const password = field('password');
  return (
    <Door
      title={say('welcomeTo', { workspace: invited.workspace.name })}
      intro={say(invited.role === 'owner' ? 'welcomeOwner' : 'welcomeAgent')}
    >
      <form class="door-form" onSubmit={submit} noValidate>
        <Field
          label={say('yourName')}
          autocomplete="name"
          {...field('name')}
          hint={say('yourNameHint')}
          focus
        />
        <Field label={say('email')} type="email" autocomplete="username" {...field('email')} />
        <Field
          label={say('password')}
          type="password"
          autocomplete="new-password"
          {...password}
          hint={<StrengthHint password={password.value} />}
        />
        <Problem text={problem} />
        <button type="submit" class="button" data-look="primary" data-size="large" disabled={!canSubmit}>
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
