// News reaches the agent: read out by screen readers, and, if the agent wishes, as a sound or a desktop notification.

import type { AgentSession } from './agent.ts';
import { go } from './route.ts';
import { settings } from './settings.ts';
import type { News } from './state/screen.ts';
import { nameOf } from './words/names.ts';
import { say } from './words/say.ts';

export function alertTo(session: AgentSession, news: News): void {
  session.store.dispatch({ is: 'announced', news });
  if (document.hasFocus()) return;
  const { sound, desktop } = settings.get();
  if (sound) chime();
  if (desktop) notify(news, nameOf(news.view));
}

/** Two soft notes. */
function chime(): void {
  const audio = new AudioContext();
  const volume = audio.createGain();
  volume.connect(audio.destination);
  volume.gain.setValueAtTime(0.08, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.5);
  for (const [i, hertz] of [660, 880].entries()) {
    const note = audio.createOscillator();
    note.frequency.value = hertz;
    note.connect(volume);
    note.start(audio.currentTime + i * 0.12);
    note.stop(audio.currentTime + 0.5);
    if (i === 1) note.onended = () => void audio.close();
  }
}

/** Says who, never what: notifications stand on locked screens and in the system's history. */
function notify(news: News, name: string): void {
  if (typeof Notification === 'undefined' || Notification.permission !== 'granted') return;
  const { conversation } = news.view;
  const title = news.is === 'waiting' ? say('announceWaiting', { name }) : name;
  const note = new Notification(title, { tag: conversation });
  note.onclick = () => {
    window.focus();
    go(conversation);
    note.close();
  };
}

/** Asks the browser for permission where that is needed. False when the agent or the browser said no. */
export async function mayNotify(): Promise<boolean> {
  if (typeof Notification === 'undefined') return false;
  return (await Notification.requestPermission()) === 'granted';
}
