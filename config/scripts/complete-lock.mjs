// node complete-lock.mjs PACKAGE_LOCK: add the optional packages for other systems that the registry did not offer
// when the lock was made. `npm ci` refuses a lock that does not name every one of them, though it would install none.

import { readFileSync, writeFileSync } from 'node:fs';

const [, , path] = process.argv;
const lock = JSON.parse(readFileSync(path, 'utf8'));

/** What a platform package's name says of the systems it is for, as npm's own fields have it. */
function systems(name) {
  const words = name.split(/[-/]/);
  const os = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'win32'].filter((each) => words.includes(each));
  const cpu = ['arm64', 'x64', 'ia32', 'arm'].filter((each) => words.includes(each));
  const libc = words.includes('musl') ? ['musl'] : [];
  return { ...(os.length && { os }), ...(cpu.length && { cpu }), ...(libc.length && { libc }) };
}

for (const owner of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    if (lock.packages[place] || !/^\d/.test(version)) continue;
    lock.packages[place] = { version, ...(owner.dev && { dev: true }), optional: true, ...systems(name) };
    console.log(`not on this registry, named without its hash: ${name} ${version}`);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
