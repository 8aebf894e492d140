// What was written and not accepted outlives its tab. Each tab keeps its drafts under an entry of its own and holds a
// Web Lock of the same name while it lives; every other tab waits for that lock, and whoever is granted it takes the
// drafts over and removes the entry. So a closed tab's drafts go to exactly one tab, at once or when the next one opens.

import { type Draft, keptDrafts } from './drafts.ts';
import { type Shelf, shelf } from './shelf.ts';

/** The part of navigator.locks (W3C Web Locks) that is used: `run` holds the lock until its promise settles. */
export interface Locks {
  request(name: string, run: () => unknown): Promise<unknown>;
}

export interface LegacyOptions {
  /** Of all tabs. A function, because even naming `localStorage` may throw. */
  storage(): Storage;
  /** What the entries' names begin with. */
  prefix: string;
  /** This page's part of its entry's name: another one for every page that loads. */
  id: string;
  /** Missing on pages without https. */
  locks: Locks | undefined;
  /** Where this tab remembers over a reload which entry is its own: needed only without locks. */
  former: Shelf;
  now(): number;
}

/** Without locks a tab is taken for closed when it wrote nothing for so long. */
const QUIET_MS = 60_000;
/** As long as a visitor token is good: older drafts have no conversation any more. */
const KEPT_MS = 30 * 86_400_000;

export class Legacy {
  /** Where this tab's drafts are kept. */
  readonly own: Shelf;
  private readonly options: LegacyOptions;
  private readonly name: string;
  private take: ((drafts: readonly Draft[]) => void) | null = null;
  private readonly awaited = new Set<string>();

  constructor(options: LegacyOptions) {
    this.options = options;
    this.name = options.prefix + options.id;
    this.own = shelf(options.storage, this.name);
  }

  /** From now on `take` is given what closed tabs left, now and whenever another one closes. */
  begin(take: (drafts: readonly Draft[]) => void): void {
    const { locks, former } = this.options;
    this.take = take;
    if (locks) {
      // Held as long as this page lives; the browser lets go of it, however the page ends.
      this.hold(locks, this.name, () => new Promise(() => {}));
      for (const name of this.names()) this.heard(name);
      return;
    }
    const last = former.get();
    former.set(this.name);
    for (const name of this.names()) if (name === last || this.isQuiet(name)) this.inherit(name);
  }

  /** This entry of the storage was written: its tab may be closed one day. */
  heard(name: string): void {
    const { locks, prefix } = this.options;
    if (!this.take || !locks || !name.startsWith(prefix)) return;
    if (name === this.name || this.awaited.has(name)) return;
    this.awaited.add(name);
    this.hold(locks, name, () => {
      this.awaited.delete(name);
      this.inherit(name);
    });
  }

  private hold(locks: Locks, name: string, run: () => unknown): void {
    // Frames whose storage is blocked have no locks either; they have nothing to inherit.
    locks.request(name, run).catch(() => this.awaited.delete(name));
  }

  /** Takes before it removes: if this page ends between the two, the drafts are there twice under the same ids. */
  private inherit(name: string): void {
    const left = shelf(this.options.storage, name);
    const since = this.options.now() - KEPT_MS;
    const drafts = keptDrafts(left).filter(({ writtenAt }) => writtenAt > since);
    if (drafts.length > 0) this.take?.(drafts);
    left.clear();
  }

  private isQuiet(name: string): boolean {
    const drafts = keptDrafts(shelf(this.options.storage, name));
    return drafts.every(({ writtenAt }) => writtenAt < this.options.now() - QUIET_MS);
  }

  private names(): readonly string[] {
    const { prefix, storage } = this.options;
    try {
      return Object.keys(storage()).filter((name) => name.startsWith(prefix) && name !== this.name);
    } catch {
      return [];
    }
  }
}
