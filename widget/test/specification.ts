// What the public specification lists, for tests that nothing of it is forgotten here.

import { readFileSync } from 'node:fs';

const PROTOCOL = new URL('../../chat/protocol/PROTOCOL.md', import.meta.url);

export interface Listed {
  readonly code: number;
  readonly name: string;
  readonly then: string;
  readonly text: string;
}

/** The rows of the table under one heading. */
export function catalogue(heading: 'Refusals' | 'Closures'): readonly Listed[] {
  const section = readFileSync(PROTOCOL, 'utf8').split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.matchAll(/^\| (\d+) \| (\w+) \| (\w+) \| (.+) \|$/gm);
  return [...rows].map(([, code, name = '', then = '', text = '']) => ({
    code: Number(code),
    name,
    then,
    text,
  }));
}
