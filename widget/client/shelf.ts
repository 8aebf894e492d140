// One value kept in the browser's storage, or in memory where storage is switched off: reading or writing it throws
// in private windows and in frames whose third-party storage is blocked.

export interface Shelf {
  get(): string | null;
  set(value: string): void;
  clear(): void;
}

/** `storage` is a function because even naming `localStorage` may throw. */
export function shelf(storage: () => Storage, key: string): Shelf {
  let memory: string | null = null;
  const attempt = <T>(use: (storage: Storage) => T, otherwise: T): T => {
    try {
      return use(storage());
    } catch {
      return otherwise;
    }
  };
  return {
    get: () => attempt((it) => it.getItem(key), null) ?? memory,
    set(value) {
      memory = value;
      attempt((it) => it.setItem(key, value), undefined);
    },
    clear() {
      memory = null;
      attempt((it) => it.removeItem(key), undefined);
    },
  };
}
