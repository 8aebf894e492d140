// Why a field of a form was refused (HTTP 422), in the language of whoever fills it in.

import { type Language, language, type Phrase, speaker } from './say.ts';

const REASONS: Readonly<Record<string, Phrase & `refused${string}`>> = {
  name: 'refusedName',
  email: 'refusedEmail',
  password: 'refusedPassword',
};

/** The sentence by the field where it stands, or by `form`. The server says in English what it expects, to the point. */
export function fieldProblem(
  field: string | null,
  expected: string,
  to: Language = language,
): Partial<Record<string, string>> {
  const reason = REASONS[field ?? ''];
  if (!field || !reason) return { form: speaker(to)('refusedForm') };
  return { [field]: (to === 'en' && sentence(expected)) || speaker(to)(reason as 'refusedName') };
}

function sentence(text: string): string {
  return text && `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
