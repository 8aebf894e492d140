// Builds widget/dist: the launcher under its fixed name (customers paste it), everything else under a name that
// carries a hash of its content, so that it may be cached for ever. manifest.json maps plain names to those.
//
//   npm run build                          everything
//   npm run build -- panel                 the launcher and one application
//   npm run build -- --dev --out=DIR       readable, with inline source maps, elsewhere

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, transform } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values: flags, positionals: wanted } = parseArgs({
  options: { dev: { type: 'boolean', default: false }, out: { type: 'string', default: join(root, 'dist') } },
  allowPositionals: true,
});
const { dev, out } = flags;

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

/** The applications that are there and wanted: panel and console may be built without each other. */
function applications() {
  const entries = { panel: 'embed/panel/main.tsx', why: 'embed/why.ts', console: 'console/main.tsx' };
  const isWanted = ([name, path]) =>
    existsSync(join(root, path)) && (wanted.length === 0 || wanted.includes(name));
  return Object.fromEntries(Object.entries(entries).filter(isWanted));
}

/** "panel-ABCD1234.js" -> "panel.js" */
function plainName(file) {
  return file.replace(/-[A-Z0-9]{8}(?=\.(js|css)$)/, '');
}

/** The launcher's stylesheet travels inside its script: minified here, since esbuild leaves text as it is. */
const styleAsText = {
  name: 'style-as-text',
  setup(it) {
    it.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, 'utf8'), { loader: 'css', minify: !dev });
      return { contents: code.trim(), loader: 'text' };
    });
  },
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

// First, since the applications carry its name. See client/ticker.ts.
const ticker = await build({
  ...common,
  entryPoints: { ticker: 'client/ticker.worker.ts' },
  format: 'iife',
  entryNames: '[name]-[hash]',
});
const define = {
  ...common.define,
  TICKER_FILE: JSON.stringify(basename(Object.keys(ticker.metafile.outputs)[0])),
};

const results = await Promise.all([
  ticker,
  build({
    ...common,
    entryPoints: { widget: 'embed/launcher.ts' },
    format: 'iife',
    plugins: [styleAsText],
  }),
  build({ ...common, define, entryPoints: applications(), format: 'esm', entryNames: '[name]-[hash]' }),
]);

const files = results.flatMap((result) => Object.keys(result.metafile.outputs)).map((path) => basename(path));
const manifest = Object.fromEntries(files.map((file) => [plainName(file), file]).sort());
writeFileSync(join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
console.log(`built ${files.length} files into ${relative(process.cwd(), out) || '.'}`);
