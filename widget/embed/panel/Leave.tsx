// When nobody is there: leave a name and an address for the answer.

import { useState } from 'preact/hooks';
import type { VisitorSession } from '../../client/index.ts';
import { cut } from './page.ts';
import { refusalText, words } from './words.ts';

type Step = { readonly is: 'asking' | 'saving' | 'gone' } | { readonly is: 'saved'; readonly email: string };

const SHORT = 256;
const { leave } = words;

type Reason = { readonly code: number; readonly text: string };

/** A code of 0 says that no answer came. */
function problemOf(refused: Reason | null): string {
  if (!refused) return '';
  return refused.code === 0 ? leave.failed : refusalText(refused);
}

function field(form: HTMLFormElement, name: string): string {
  const value = new FormData(form).get(name);
  return typeof value === 'string' ? cut(value.trim(), SHORT) : '';
}

export function Leave({ session }: { readonly session: VisitorSession }) {
  const [step, setStep] = useState<Step>({ is: 'asking' });
  const [problem, setProblem] = useState('');
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const email = field(form, 'email');
    setStep({ is: 'saving' });
    const refused = await session.introduce(field(form, 'name'), email);
    setProblem(problemOf(refused));
    setStep(refused ? { is: 'asking' } : { is: 'saved', email });
  };
  if (step.is === 'gone') return null;
  if (step.is === 'saved') {
    return (
      <p class="card thanks" role="status">
        {leave.thanks(step.email)}
      </p>
    );
  }
  return (
    <form class="card" onSubmit={(event) => void submit(event)}>
      <h2>{leave.title}</h2>
      <p>{leave.why}</p>
      <label>
        {leave.name}
        <input name="name" autocomplete="name" maxLength={SHORT} dir="auto" />
      </label>
      <label>
        {leave.email}
        <input name="email" type="email" autocomplete="email" required maxLength={SHORT} />
      </label>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div class="choices">
        <button type="submit" class="solid" disabled={step.is === 'saving'}>
          {leave.submit}
        </button>
        <button type="button" class="plain" onClick={() => setStep({ is: 'gone' })}>
          {leave.later}
        </button>
      </div>
    </form>
  );
}
