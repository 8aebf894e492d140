// Short lines that come and go, and the region that screen readers read news from.

import { announcementOf } from '../words/announcement.ts';
import { Icon } from './icons.tsx';
import { useDesk } from './session.ts';

export function Notices() {
  const notices = useDesk((desk) => desk.screen.notices);
  const announcement = useDesk(announcementOf);
  return (
    <>
      <div class="notices" role="status">
        {notices.map(({ key, text }) => (
          <p key={key} class="notice">
            <Icon name="person" />
            {text}
          </p>
        ))}
      </div>
      <div class="unseen" aria-live="polite">
        {announcement}
      </div>
    </>
  );
}
