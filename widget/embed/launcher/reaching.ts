// Whether the panel is there. A page cannot see into a frame of another origin, nor tell the browser's own error page
// in it from the panel: only what the panel says counts. So a frame that stays silent is thrown away and loaded anew,
// and a second page, which every page may embed, is asked why when something else than the panel stands there.

import { backoff } from '../../client/backoff.ts';
import type { Cancel, Clock } from '../../client/world.ts';

/** What stands in the panel's place until it is here. */
export type Reach = 'loading' | 'trying' | 'refused' | 'here';

/** The pages that the frame shows. */
export type Shown = 'panel' | 'panel/why';

export interface ReachingOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** From 0 to below 1. */
  random(): number;
  /** Load this page in a new frame, in the place of the one before. */
  show(page: Shown): void;
  tell(reach: Reach): void;
}

/** After its load event the panel's script has run: it answers at once, or something else was loaded. */
const SILENT_MS = 1_500;
/** From here on the visitor is told that it takes long. The frame goes on loading: their line may be slow. */
const LONG_MS = 4_000;
/** A frame that has not loaded by then is given up. */
const LOAD_MS = 15_000;

export interface Reaching {
  /** The visitor wants the panel. Only the first call does anything. */
  begin(): void;
  /** The frame's load event: of the page that was asked for, or of the browser's error page. */
  loaded(): void;
  /** The panel said something. */
  reported(): void;
  /** The other page answered: the panel cannot stand here, or it can and something else was the matter. */
  answered(isRefused: boolean): void;
  /** The network came back: what failed is tried again now. */
  nudge(): void;
}

export function createReaching({ clock, random, show, tell }: ReachingOptions): Reaching {
  let phase: Shown | 'resting' | 'waiting' | 'over' = 'resting';
  let hasLoaded = false;
  let isTold = false;
  let attempt = 0;
  let cancel: Cancel = () => {};
  let cancelLong: Cancel;

  const isLoading = () => phase === 'panel' || phase === 'panel/why';
  const after = (ms: number, run: () => void) => {
    cancel();
    cancel = clock.after(ms, run);
  };
  const load = (page: Shown) => {
    phase = page;
    hasLoaded = false;
    after(LOAD_MS, silent);
    show(page);
  };
  const silent = () => {
    if (phase === 'panel' && hasLoaded) load('panel/why');
    else wait();
  };
  const wait = () => {
    takesLong();
    phase = 'waiting';
    attempt += 1;
    after(backoff(attempt, random), () => load('panel'));
  };
  const takesLong = () => {
    if (!isTold) tell('trying');
    isTold = true;
  };
  const end = (reach: Reach) => {
    phase = 'over';
    cancel();
    cancelLong();
    tell(reach);
  };

  return {
    begin() {
      if (phase !== 'resting') return;
      tell('loading');
      cancelLong = clock.after(LONG_MS, takesLong);
      load('panel');
    },
    loaded() {
      if (!isLoading()) return;
      hasLoaded = true;
      after(SILENT_MS, silent);
    },
    reported() {
      if (phase === 'panel') end('here');
    },
    answered(isRefused) {
      if (phase !== 'panel/why') return;
      if (isRefused) end('refused');
      else wait();
    },
    nudge() {
      if (isTold && (isLoading() || phase === 'waiting')) load('panel');
    },
  };
}
