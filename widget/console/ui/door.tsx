// The frame around everything that stands before the workspace: sign-in, welcome, opening.

import type { ComponentChildren } from 'preact';
import { Icon, Mark } from './icons.tsx';

interface DoorProps {
  readonly title: string;
  readonly intro?: string;
  readonly children?: ComponentChildren;
}

export function Door({ title, intro, children }: DoorProps) {
  return (
    <main class="door">
      <div class="door-card">
        <Mark size={36} />
        <h1>{title}</h1>
        {intro && <p class="door-intro">{intro}</p>}
        {children}
      </div>
    </main>
  );
}

/** What went wrong, read out when it appears. */
export function Problem({ text }: { readonly text: string }) {
  return (
    <div role="alert">
      {text && (
        <p class="field-error">
          <Icon name="warn" size={14} />
          <span>{text}</span>
        </p>
      )}
    </div>
  );
}
