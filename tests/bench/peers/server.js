// The same work with Socket.IO, as its documentation has it: Redis adapter, MongoDB with a journaled write, a room for
// each conversation, and an acknowledgement once the message is kept and on its way. No limits, no sealing, no checks.
//
// BENCH_PORT, BENCH_REDIS (a Unix socket's path) and BENCH_MONGODB (a URL with a database) say where everything is.

import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { MongoClient } from 'mongodb';
import { createClient } from 'redis';
import { Server } from 'socket.io';

const { BENCH_PORT, BENCH_REDIS, BENCH_MONGODB } = process.env;

const publisher = createClient({ socket: { path: BENCH_REDIS } });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);

const database = (await new MongoClient(BENCH_MONGODB).connect()).db();
const messages = database.collection('messages', { writeConcern: { w: 1, j: true } });

const http = createServer((request, response) => response.end('ready\n'));
const io = new Server(http, { adapter: createAdapter(publisher, subscriber), transports: ['websocket'] });

io.on('connection', (socket) => {
  const { conversation } = socket.handshake.auth;
  socket.join(conversation);
  socket.on('post', async ({ id, text }, acknowledge) => {
    const message = { _id: id, conversation, text, at: new Date() };
    await messages.insertOne(message);
    socket.to(conversation).emit('message', message);
    acknowledge({ id });
  });
});

http.listen(Number(BENCH_PORT), '127.0.0.1');

process.on('SIGTERM', () => process.exit(0));
