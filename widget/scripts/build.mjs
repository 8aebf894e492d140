// Builds widget/dist: the launcher under its fixed name (customers paste it), everything else under a name that
// carries a hash of its content, so that it may be cached for ever. manifest.json maps plain names to those.
// `--dev` keeps the code readable and adds inline source maps.

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, 'dist');
const dev = process.argv.includes('--dev');

const common = {
  absWorkingDir: root,
  outdir: out,
  bundle: true,
  minify: !dev,
  sourcemap: dev ? 'inline' : false,
  target: ['es2022', 'safari16'],
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  define: { 'process.env.NODE_ENV': dev ? '"development"' : '"production"' },
};

/** The entries that exist: the console is a colleague to the panel, and either may be built without the other. */
function applications() {
  const entries = { panel: 'embed/panel/main.tsx', console: 'console/main.tsx' };
  return Object.fromEntries(Object.entries(entries).filter(([, path]) => existsSync(join(root, path))));
}

/** "panel-ABCD1234.js" -> "panel.js" */
function plainName(file) {
  return file.replace(/-[A-Z0-9]{8}(?=\.(js|css)$)/, '');
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const results = await Promise.all([
  build({
    ...common,
    entryPoints: { widget: 'embed/launcher.ts' },
    format: 'iife',
    loader: { '.css': 'text' },
  }),
  build({ ...common, entryPoints: applications(), format: 'esm', entryNames: '[name]-[hash]' }),
]);

const files = results.flatMap((result) => Object.keys(result.metafile.outputs)).map((path) => basename(path));
const manifest = Object.fromEntries(files.map((file) => [plainName(file), file]).sort());
writeFileSync(join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
console.log(`built ${files.length} files into widget/dist`);
