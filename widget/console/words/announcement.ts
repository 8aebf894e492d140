// The latest news in a sentence for screen readers. It stays true: what has changed since is told as it is now.

import type { Desk } from '../state/desk.ts';
import { listOf } from '../state/lists.ts';
import { nameOf } from './names.ts';
import { say } from './say.ts';

/** Empty when there is nothing to tell, or nothing any more. */
export function announcementOf({ screen, conversations, me }: Desk): string {
  const news = screen.announced;
  if (!news) return '';
  const name = nameOf(news.view);
  if (news.is === 'message') return say('announceMessage', { name, text: news.message.body });
  const now = conversations.get(news.view.conversation);
  switch (now && listOf(now, me?.account)) {
    case 'waiting':
      return say('announceWaiting', { name });
    case 'yours':
      return say('announceYours', { name });
    case 'theirs':
      return say('colleagueAnswersNow', { name, agent: now?.agent?.name ?? say('aColleague') });
    default:
      return '';
  }
}
