// Frames to bytes and back. The only place that knows msgpack.

import { Decoder, Encoder } from '@msgpack/msgpack';
import {
  CLIENT_FRAMES,
  type ClientFrame,
  type Frame,
  SERVER_FRAMES,
  type ServerFrame,
  type Shape,
} from './frames.ts';
import { BadFrame, type Form, readFields, writeFields } from './schema.ts';

/** A server's frame at most: a queue or a snapshot holds hundreds of entries. */
const SERVER_FRAME_BYTES = 1024 * 1024;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const MSGPACK_SUBPROTOCOL = 'aican.v1.msgpack';

function checkedId(wire: unknown): string {
  if (typeof wire === 'string' && UUID.test(wire)) return wire;
  throw new BadFrame('expected a UUID');
}

/** 16 bytes as lower-case hyphenated text. */
export function idFromBytes(wire: unknown): string {
  if (!(wire instanceof Uint8Array) || wire.length !== 16) throw new BadFrame('expected 16 bytes');
  const hex = Array.from(wire, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

export function idToBytes(id: string): Uint8Array {
  const hex = checkedId(id).replaceAll('-', '');
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

const binary = { readId: idFromBytes, writeId: idToBytes };
const textual = { readId: checkedId, writeId: checkedId };

const shapes: Readonly<Record<string, Shape>> = { ...CLIENT_FRAMES, ...SERVER_FRAMES };

function byKind(frames: Readonly<Record<string, Shape>>): ReadonlyMap<unknown, string> {
  return new Map(Object.entries(frames).map(([name, { kind }]) => [kind, name]));
}

const clientKinds = byKind(CLIENT_FRAMES);
const serverKinds = byKind(SERVER_FRAMES);

function toArray(frame: Frame, form: Form): unknown[] {
  const shape = shapes[frame.type];
  if (!shape) throw new BadFrame(`no frame is called ${frame.type}`);
  return [shape.kind, ...writeFields(shape.fields, frame as never, form)];
}

function fromArray(wire: unknown, kinds: ReadonlyMap<unknown, string>, form: Form): unknown {
  const type = Array.isArray(wire) ? kinds.get(wire[0]) : undefined;
  const shape = type && shapes[type];
  if (!shape) throw new BadFrame('no such kind of frame');
  return { type, ...readFields(shape.fields, wire, 1, form) };
}

/** Rethrows whatever a parser throws as BadFrame. */
function parsed(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    throw new BadFrame(`unreadable: ${String(error)}`);
  }
}

function unpack(bytes: Uint8Array): unknown {
  if (bytes.length > SERVER_FRAME_BYTES) throw new BadFrame('too long');
  // The limits hold whatever a length prefix claims, so a few bytes cannot ask for gigabytes.
  const decoder = new Decoder({
    maxStrLength: SERVER_FRAME_BYTES,
    maxBinLength: 16,
    maxArrayLength: 4096,
    maxMapLength: 0,
    maxExtLength: 0,
  });
  return parsed(() => decoder.decode(bytes));
}

const STRICT = { tolerant: false };
const TOLERANT = { tolerant: true };

/** The frame's bytes for `aican.v1.msgpack`. Throws BadFrame if a field is out of bounds. */
export function encode(frame: Frame): Uint8Array<ArrayBuffer> {
  return new Encoder().encode(toArray(frame, { ...binary, ...STRICT }));
}

/** The server's frame in `bytes`. Throws BadFrame. */
export function decodeServer(bytes: Uint8Array): ServerFrame {
  return fromArray(unpack(bytes), serverKinds, { ...binary, ...TOLERANT }) as ServerFrame;
}

/** The client's frame in `bytes`: for tests and for other people's servers. Throws BadFrame. */
export function decodeClient(bytes: Uint8Array): ClientFrame {
  return fromArray(unpack(bytes), clientKinds, { ...binary, ...STRICT }) as ClientFrame;
}

/** The frame's text for `aican.v1.json`. */
export function encodeJson(frame: Frame): string {
  return JSON.stringify(toArray(frame, { ...textual, ...STRICT }));
}

export function decodeServerJson(json: string): ServerFrame {
  return fromArray(
    parsed(() => JSON.parse(json)),
    serverKinds,
    { ...textual, ...TOLERANT },
  ) as ServerFrame;
}

export function decodeClientJson(json: string): ClientFrame {
  return fromArray(
    parsed(() => JSON.parse(json)),
    clientKinds,
    { ...textual, ...STRICT },
  ) as ClientFrame;
}
