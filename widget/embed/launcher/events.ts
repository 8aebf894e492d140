// What the page may listen to.

type Event = 'open' | 'close' | 'unread';
type Callback = (count?: number) => void;

/** Returns the undoing. */
export type Listen = (event: Event, callback: Callback) => () => void;

export function createEvents(): { on: Listen; tell(event: Event, count?: number): void } {
  const listeners = new Set<readonly [Event, Callback]>();
  return {
    on(event, callback) {
      const entry = [event, callback] as const;
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    tell(event, count) {
      for (const [name, callback] of [...listeners]) {
        if (name === event) callback(count);
      }
    },
  };
}
