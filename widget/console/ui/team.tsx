// Which colleagues are here.

import { say } from '../words/say.ts';
import { Avatar, type Presence, presenceOf } from './parts.tsx';
import { useDesk } from './session.ts';

/** As many faces as fit beside the workspace's name. */
const FACES = 3;

const RANK: Record<Presence, number> = { available: 0, away: 1, offline: 2 };

export function Team() {
  const colleagues = useDesk((desk) => desk.colleagues);
  const me = useDesk((desk) => desk.me?.account);
  const team = [...colleagues.values()]
    .filter(({ person }) => person.account !== me)
    .map(({ person, isOnline }) => ({ person, presence: presenceOf(isOnline, person.available) }))
    .sort((a, b) => RANK[a.presence] - RANK[b.presence] || a.person.name.localeCompare(b.person.name));
  const online = team.filter(({ presence }) => presence !== 'offline');
  const label = online.length > 0 ? say('teamCount', { count: online.length }) : say('teamEmpty');

  return (
    <>
      <button type="button" class="team" popovertarget="team" aria-label={label} title={label}>
        {online.slice(0, FACES).map(({ person, presence }) => (
          <Avatar
            key={person.account}
            id={person.account}
            name={person.name}
            size="small"
            presence={presence}
          />
        ))}
        {online.length > FACES && <span class="team-more">+{online.length - FACES}</span>}
        {online.length === 0 && <span class="team-none">{say('team')}</span>}
      </button>
      <div id="team" class="popover popover-team" popover="auto">
        <h2>{say('team')}</h2>
        {team.length === 0 && <p class="popover-note">{say('teamEmpty')}</p>}
        <ul>
          {team.map(({ person, presence }) => (
            <li key={person.account} class="person">
              <Avatar id={person.account} name={person.name} size="small" presence={presence} />
              <span class="person-name" dir="auto">
                {person.name}
              </span>
              <span class="person-state">{say(presence)}</span>
            </li>
          ))}
        </ul>
      </div>
    </>
  );
}
