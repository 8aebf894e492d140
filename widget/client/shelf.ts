// One value kept in the browser's storage, or in memory where storage is switched off: reading or writing it throws
// in private windows and in frames whose third-party storage is blocked.

export interface Shelf {
  get(): string | null;
  set(value: string): void;
  clear(): void;
}

/** `storage` is a function because even naming `localStorage` may throw. `fallback` is used where it does. */
export function shelf(storage: () => Storage, key: string, fallback: Shelf = memory()): Shelf {
  const attempt = <T>(use: (storage: Storage) => T, otherwise: () => T): T => {
    try {
      return use(storage());
    } catch {
      return otherwise();
    }
  };
  return {
    get: () => attempt((it) => it.getItem(key), fallback.get),
    set: (value) =>
      attempt(
        (it) => it.setItem(key, value),
        () => fallback.set(value),
      ),
    clear: () => attempt((it) => it.removeItem(key), fallback.clear),
  };
}

/** Kept as long as this page. */
export function memory(): Shelf {
  let kept: string | null = null;
  return {
    get: () => kept,
    set(value) {
      kept = value;
    },
    clear() {
      kept = null;
    },
  };
}
