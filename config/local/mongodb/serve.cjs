'use strict';
// MongoDB's server code, opened on a directory and served on a Unix socket.
//
//   node serve.cjs ENGINE_PACKAGE DATA_DIRECTORY SOCKET_DIRECTORY SOCKET_NAME
//
// SIGTERM and SIGINT flush and close it, then the process exits 0. After kill -9 WiredTiger's journal brings back at the
// next open every write that was acknowledged with `w: 1, j: true`. (A standalone server does not wait for its journal
// when it is asked for `w: "majority"`: measured here, 9 of 100 kills under load lost what was acknowledged so.)

const fs = require('node:fs');
const path = require('node:path');

const [, , enginePackage, dataDirectory, socketDirectory, socketName] = process.argv;
const TEMPORARY = 'embedded-mongodb-';

async function main() {
  const { open } = require(enginePackage);
  const data = path.resolve(dataDirectory);
  // The package listens in a random directory under TMPDIR. Relative paths keep that name short enough for a socket,
  // and the rename puts the listening socket in place in one step, over one left by a killed predecessor.
  process.chdir(socketDirectory);
  process.env.TMPDIR = '.';
  for (const left of fs.readdirSync('.')) {
    if (left.startsWith(TEMPORARY)) fs.rmSync(left, { recursive: true, force: true });
  }
  // Asked for before the engine opens, so that a signal in the middle of it waits: a half-opened engine must not be cut off.
  const stopAsked = new Promise((resolve) => {
    process.on('SIGTERM', resolve);
    process.on('SIGINT', resolve);
  });
  const database = await open(data);
  fs.renameSync(database.socketPath, socketName);
  console.log(`serving ${data} on ${path.resolve(socketName)}`);
  await stopAsked;
  fs.rmSync(socketName, { force: true });
  await database.close();
  console.log('flushed and closed');
  process.exit(0);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
