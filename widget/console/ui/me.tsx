// The foot of the sidebar: who I am, whether I take conversations, and my settings.

import { useStore } from '../../client/useStore.ts';
import { mayNotify } from '../alerts.ts';
import type { SignedIn } from '../api.ts';
import { settings, type Theme } from '../settings.ts';
import { type Phrase, say } from '../words/say.ts';
import { Icon, type IconName } from './icons.tsx';
import { Avatar, presenceOf } from './parts.tsx';
import { useDesk, useSession } from './session.ts';

interface MeProps {
  readonly signedIn: SignedIn;
  readonly onShortcuts: () => void;
  readonly onLeave: () => void;
}

export function Me({ signedIn, onShortcuts, onLeave }: MeProps) {
  const { account } = signedIn;
  const isOnline = useDesk((desk) => desk.line.phase === 'open');
  const isAvailable = useDesk((desk) => desk.me?.available ?? false);
  const presence = presenceOf(isOnline, isAvailable);
  return (
    <footer class="me">
      <button type="button" class="me-button" popovertarget="account" aria-label={say('account')}>
        <Avatar id={account.id} name={account.name} presence={presence} />
        <span class="me-words">
          <span class="me-name" dir="auto">
            {account.name}
          </span>
          <span class="me-state">{say(presence)}</span>
        </span>
      </button>
      <AvailabilitySwitch isOn={isAvailable} isEnabled={isOnline} />
      <div id="account" class="popover popover-account" popover="auto">
        <div class="popover-head">
          <span class="me-name" dir="auto">
            {account.name}
          </span>
          <span class="popover-note">{account.email}</span>
        </div>
        <ThemeChoice />
        <Alerts />
        <hr />
        <Entry icon="keyboard" label={say('shortcuts')} onClick={onShortcuts} />
        <Entry icon="leave" label={say('signOut')} onClick={onLeave} />
      </div>
    </footer>
  );
}

function AvailabilitySwitch({ isOn, isEnabled }: { readonly isOn: boolean; readonly isEnabled: boolean }) {
  const session = useSession();
  return (
    <button
      type="button"
      role="switch"
      class="switch-button"
      aria-checked={isOn}
      aria-label={say('availability')}
      title={say('availability')}
      disabled={!isEnabled}
      onClick={() => session.available(!isOn)}
    >
      <span class="switch" />
    </button>
  );
}

const THEMES: readonly (readonly [Theme, IconName, Phrase & `theme${string}`])[] = [
  ['system', 'screen', 'themeSystem'],
  ['light', 'sun', 'themeLight'],
  ['dark', 'moon', 'themeDark'],
];

function ThemeChoice() {
  const chosen = useStore(settings, (now) => now.theme);
  return (
    <fieldset class="segments">
      <legend class="unseen">{say('theme')}</legend>
      {THEMES.map(([theme, icon, label]) => (
        <label key={theme} class="segment">
          <input
            type="radio"
            name="theme"
            class="unseen"
            checked={theme === chosen}
            onChange={() => settings.dispatch({ theme })}
          />
          <Icon name={icon} size={14} />
          {say(label as 'themeSystem')}
        </label>
      ))}
    </fieldset>
  );
}

function Alerts() {
  const { sound, desktop } = useStore(settings, (now) => now);
  const isBlocked = typeof Notification !== 'undefined' && Notification.permission === 'denied';
  const switchDesktop = async () => settings.dispatch({ desktop: !desktop && (await mayNotify()) });
  return (
    <>
      <Toggle label={say('sound')} isOn={sound} onClick={() => settings.dispatch({ sound: !sound })} />
      <Toggle
        label={say('desktop')}
        note={isBlocked ? say('desktopBlocked') : ''}
        isOn={desktop && !isBlocked}
        onClick={() => void switchDesktop()}
      />
    </>
  );
}

interface ToggleProps {
  readonly label: string;
  readonly note?: string;
  readonly isOn: boolean;
  readonly onClick: () => void;
}

function Toggle({ label, note, isOn, onClick }: ToggleProps) {
  return (
    <button type="button" role="switch" class="entry" aria-checked={isOn} onClick={onClick}>
      <span class="entry-words">
        {label}
        {note && <span class="popover-note">{note}</span>}
      </span>
      <span class="switch" />
    </button>
  );
}

interface EntryProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
}

function Entry({ icon, label, onClick }: EntryProps) {
  return (
    <button type="button" class="entry" popovertarget="account" popovertargetaction="hide" onClick={onClick}>
      <Icon name={icon} />
      <span class="entry-words">{label}</span>
    </button>
  );
}
