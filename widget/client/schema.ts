// Fields of frames: each knows how to read itself from what came off the wire, checking it, and how to write itself.
// The TypeScript types of frames are inferred from these, so a type and its check cannot drift apart.

/** What came is not a frame of this version. */
export class BadFrame extends Error {
  override readonly name = 'BadFrame';
}

/** The two subprotocols differ only in how an identifier travels. */
export interface Form {
  readId(wire: unknown): string;
  writeId(id: string): unknown;
  /** Whether arrays may be longer than known: a receiver ignores what a newer server adds at the end. */
  readonly tolerant: boolean;
}

export interface Field<T> {
  read(wire: unknown, form: Form): T;
  write(value: T, form: Form): unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: the value's type is recovered by ValueOf
export type Fields = Readonly<Record<string, Field<any>>>;
export type ValueOf<F> = F extends Field<infer T> ? T : never;
export type Values<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

function plain<T>(name: string, is: (wire: unknown) => wire is T): Field<T> {
  const check = (wire: unknown): T => {
    if (is(wire)) return wire;
    throw new BadFrame(`expected ${name}`);
  };
  return { read: check, write: check };
}

const isNumber = (wire: unknown): wire is number => Number.isSafeInteger(wire) && (wire as number) >= 0;

/** A whole number from 0 to 2^53 - 1. */
export const number = plain('a whole number', isNumber);

/** A number that pairs an answer with its question. */
export const ref = plain('a ref', (wire): wire is number => isNumber(wire) && wire < 2 ** 32);

export const bool = plain('a boolean', (wire): wire is boolean => typeof wire === 'boolean');

/** One of a closed set of numbers. */
export function oneOf<const T extends number>(...values: readonly T[]): Field<T> {
  return plain(`one of ${values}`, (wire): wire is T => (values as readonly unknown[]).includes(wire));
}

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** How many characters people count: code points, as the server does. */
export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

/** At most `max` characters. Half a surrogate pair is not text and would cost the connection, so it is replaced. */
export function string(max = Number.POSITIVE_INFINITY): Field<string> {
  const field = plain('a string', (wire): wire is string => typeof wire === 'string');
  const check = (wire: unknown, form: Form): string => {
    const text = field.read(wire, form);
    if (text.length > max && lengthOf(text) > max) throw new BadFrame(`longer than ${max} characters`);
    return text;
  };
  return { read: check, write: (value, form) => check(value, form).replace(LONE_SURROGATE, '\uFFFD') };
}

/** A UUID; everywhere in the client it is its lower-case hyphenated text. */
export const id: Field<string> = {
  read: (wire, form) => form.readId(wire),
  write: (value, form) => form.writeId(value),
};

export function nullable<T>(field: Field<T>): Field<T | null> {
  return {
    read: (wire, form) => (wire === null ? null : field.read(wire, form)),
    write: (value, form) => (value === null ? null : field.write(value, form)),
  };
}

export function list<T>(field: Field<T>, max = 4096): Field<readonly T[]> {
  return {
    read: (wire, form) => array(wire, 0, max).map((item) => field.read(item, form)),
    write: (items, form) => array(items, 0, max).map((item) => field.write(item as T, form)),
  };
}

export function pair<A, B>(first: Field<A>, second: Field<B>): Field<readonly [A, B]> {
  return {
    read: (wire, form) => {
      const items = array(wire, 2, 2);
      return [first.read(items[0], form), second.read(items[1], form)];
    },
    write: ([a, b], form) => [first.write(a, form), second.write(b, form)],
  };
}

/** Named fields that travel as an array, in the order they are written here. */
export function part<F extends Fields>(fields: F): Field<Values<F>> {
  return {
    read: (wire, form) => readFields(fields, wire, 0, form),
    write: (value, form) => writeFields(fields, value, form),
  };
}

/** The fields from `wire[from]` on. */
export function readFields<F extends Fields>(fields: F, wire: unknown, from: number, form: Form): Values<F> {
  const entries = Object.entries(fields);
  const length = from + entries.length;
  const items = array(wire, length, form.tolerant ? Number.POSITIVE_INFINITY : length);
  return Object.fromEntries(
    entries.map(([name, field], i) => [name, field.read(items[from + i], form)]),
  ) as Values<F>;
}

export function writeFields<F extends Fields>(fields: F, value: Values<F>, form: Form): unknown[] {
  return Object.entries(fields).map(([name, field]) => field.write(value[name], form));
}

function array(wire: unknown, min: number, max: number): readonly unknown[] {
  if (Array.isArray(wire) && wire.length >= min && wire.length <= max) return wire;
  throw new BadFrame('expected an array of the right length');
}
