// Runs every *.test.ts(x) with Node's own test runner. Node 20 takes no globs, so the files are found here.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const tests = ['client', 'embed', 'console', 'test']
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, file)))
  .filter((file) => /\.test\.tsx?$/.test(file))
  .sort();

const run = spawnSync(process.execPath, ['--import', 'tsx', '--test', ...process.argv.slice(2), ...tests], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(run.status ?? 1);
