// Holds what visitors download against its budget (gzip, level 9). Fails when over.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const KIB = 1024;

/** What a page of the customer's pays (launcher), and what opening the chat costs in all. */
const BUDGETS = [
  { name: 'launcher', files: ['widget.js'], limit: 5 * KIB },
  { name: 'launcher + panel', files: ['widget.js', 'panel.js', 'panel.css', 'ticker.js'], limit: 40 * KIB },
];

const manifest = JSON.parse(readFileSync(join(dist, 'manifest.json'), 'utf8'));

function sizes(plain) {
  const file = manifest[plain];
  if (!file) throw new Error(`${plain} is not in dist/manifest.json: run npm run build first`);
  const bytes = readFileSync(join(dist, file));
  return { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}

const row = (...cells) =>
  console.log(cells.map((cell, i) => String(cell)[i ? 'padStart' : 'padEnd'](i ? 10 : 20)).join(' '));

row('file', 'raw', 'gzip');
for (const plain of Object.keys(manifest)) row(plain, sizes(plain).raw, sizes(plain).gzip);
console.log('');
row('budget', 'limit', 'gzip', 'left');
let over = false;
for (const { name, files, limit } of BUDGETS) {
  const used = files.reduce((sum, plain) => sum + sizes(plain).gzip, 0);
  row(name, limit, used, limit - used);
  over ||= used > limit;
}
if (over) {
  console.error('over budget');
  process.exit(1);
}
