// The client that panel and console share. No DOM here but in browser.ts; time, randomness and sockets come in as a
// World, so all of it runs in Node with a manual clock.
//
//   Connection   dials, says Hello, keeps alive, comes back; ask() pairs answers with questions
//   Outbox       keeps drafts until Accepted, in order, under the same client id
//   Legacy       gives a closed tab's drafts to exactly one tab that is open, or to the next
//   reduceThread one conversation from its frames; thread.behind asks for Watch (agents) or a new Hello (visitors)
//   Marker       received and read marks, once for each step
//   TypingSignal says "writes" at most every three seconds
//   createStore, useStore   a state with one pure reducer, and a part of it in a Preact component
//   Session      a connection and an outbox that follow each other; VisitorSession is a visitor's, the console has agents'

export { browserWorld, online, whenBack } from './browser.ts';
export type { Closure, Then } from './closures.ts';
export { Connection, type ConnectionOptions, type Line, Lost, SignedOut } from './connection.ts';
export { cookieShelf } from './cookieShelf.ts';
export type { Draft, DraftStatus, Refusal } from './drafts.ts';
export * from './frames.ts';
export { Legacy, type LegacyOptions, type Locks } from './legacy.ts';
export { type Piece, piecesOf } from './links.ts';
export { Marker } from './marker.ts';
export { Outbox, type OutboxOptions } from './outbox.ts';
export { BadFrame, lengthOf } from './schema.ts';
export { Session, type SessionAction, type SessionOptions } from './session.ts';
export { memory, type Shelf, shelf } from './shelf.ts';
export { createStore, type Store } from './store.ts';
export {
  emptyThread,
  expireTyping,
  positionOf,
  type Reach,
  type Reached,
  reachedBy,
  reduceThread,
  type Thread,
  TYPING_MS,
  type Typist,
} from './thread.ts';
export { TypingSignal } from './typing.ts';
export { useStore } from './useStore.ts';
export { uuid7 } from './uuid7.ts';
export { type VisitOptions, VisitorSession } from './visit.ts';
export { newVisit, reduceVisit, unreadOf, type Visit, type VisitAction } from './visitState.ts';
export type { Cancel, Clock, Wire, World } from './world.ts';
