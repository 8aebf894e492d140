// What this browser remembers of how its agent likes the console. Nothing about visitors.

import { shelf } from '../client/shelf.ts';
import { createStore } from '../client/store.ts';

export type Theme = 'system' | 'light' | 'dark';

export interface Settings {
  readonly theme: Theme;
  readonly sound: boolean;
  readonly desktop: boolean;
}

const kept = shelf(() => localStorage, 'aican.console');

const USUAL: Settings = { theme: 'system', sound: false, desktop: false };

function isTheme(value: unknown): value is Theme {
  return value === 'system' || value === 'light' || value === 'dark';
}

/** What a browser kept, checked: it may come from an older version or from a curious hand. */
export function readSettings(json: string | null): Settings {
  try {
    const value = JSON.parse(json ?? '{}') as Partial<Record<keyof Settings, unknown>> | null;
    return {
      theme: isTheme(value?.theme) ? value.theme : USUAL.theme,
      sound: value?.sound === true,
      desktop: value?.desktop === true,
    };
  } catch {
    return USUAL;
  }
}

export const settings = createStore<Settings, Partial<Settings>>(readSettings(kept.get()), (now, change) => ({
  ...now,
  ...change,
}));

/** The style sheet follows the system unless the root element says otherwise. */
function showTheme({ theme }: Settings): void {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset['theme'];
  else dataset['theme'] = theme;
}

/** Puts the settings into force, now and after every change. */
export function applySettings(): void {
  showTheme(settings.get());
  settings.subscribe(() => {
    kept.set(JSON.stringify(settings.get()));
    showTheme(settings.get());
  });
}
