// The right column: what is known of the visitor. Nobody checked it, and it says so.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { ConversationView, VisitorView } from '../../client/frames.ts';
import { givenName, visitorName } from '../words/names.ts';
import { type Phrase, say } from '../words/say.ts';
import { dateAndTime, languageName, timeIn } from '../words/time.ts';
import { Icon } from './icons.tsx';
import { IconButton, VisitorAvatar } from './parts.tsx';
import { useDesk } from './session.ts';
import { useTicking } from './ticker.ts';

interface DetailsProps {
  readonly view: ConversationView;
  readonly onClose: () => void;
}

export function Details({ view, onClose }: DetailsProps) {
  const { visitor } = view;
  return (
    <aside class="details" aria-label={say('details')}>
      <header class="details-head">
        <h2>{say('details')}</h2>
        <IconButton icon="close" class="details-close" label={say('close')} onClick={onClose} />
      </header>
      {visitor && <Who view={view} visitor={visitor} />}
      {visitor && <Visit visitor={visitor} />}
      <About view={view} />
    </aside>
  );
}

/** The address alone: whatever a visitor calls their address, it adds no recipient, subject or text to the mail. */
function mailto(email: string): string {
  return `mailto:${email.split('@').map(encodeURIComponent).join('@')}`;
}

function Who({ view, visitor }: Pick<DetailsProps, 'view'> & { readonly visitor: VisitorView }) {
  const isNamed = givenName(visitor) !== '';
  return (
    <section class="who">
      <VisitorAvatar view={view} size="large" />
      <div class="who-words">
        <p class="who-name" dir="auto">
          {visitor.name || (visitor.email ? say('visitor') : visitorName(visitor))}
        </p>
        {visitor.email && (
          <a class="who-email" href={mailto(visitor.email)}>
            {visitor.email}
          </a>
        )}
        {isNamed ? (
          <span class="chip" title={say('unverifiedHint')}>
            {say('unverified')}
          </span>
        ) : (
          <span class="who-nameless">{say('nameless')}</span>
        )}
      </div>
    </section>
  );
}

function Visit({ visitor }: { readonly visitor: VisitorView }) {
  return (
    <section class="facts">
      <h3>{say('sectionVisit')}</h3>
      <dl>
        <Fact label={say('page')}>
          <Address url={visitor.pageUrl} text={visitor.pageTitle} />
        </Fact>
        <Fact label={say('cameFrom')}>
          <Address url={visitor.referrer} />
        </Fact>
        <LocalTime timezone={visitor.timezone} />
        <Fact label={say('language')}>{visitor.language && languageName(visitor.language)}</Fact>
        <Fact label={say('browser')}>{visitor.browser}</Fact>
        <Fact label={say('system')}>{visitor.system}</Fact>
        <Fact label={say('device')}>{deviceName(visitor.device)}</Fact>
      </dl>
    </section>
  );
}

/** The server's words for kinds of devices, as in "phone (iPhone)"; one that is not known here stays as it is. */
const DEVICES: Readonly<Record<string, Phrase & `device${string}`>> = {
  desktop: 'deviceDesktop',
  phone: 'deviceMobile',
  tablet: 'deviceTablet',
};

function deviceName(device: string): string {
  const [kind = '', ...model] = device.split(' ');
  const phrase = DEVICES[kind];
  return phrase ? [say(phrase as 'deviceDesktop'), ...model].join(' ') : device;
}

/** What is not known takes no place. */
function Fact({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  if (!children) return null;
  return (
    <div class="fact">
      <dt>{label}</dt>
      <dd dir="auto">{children}</dd>
    </div>
  );
}

/** Only web addresses become links: whoever embeds the widget may say anything. */
function isWeb(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

function Address({ url, text }: { readonly url: string; readonly text?: string }) {
  if (!url) return text || say('notGiven');
  const short = url.replace(/^https?:\/\/(www\.)?/i, '').replace(/\/$/, '');
  return (
    <>
      {text && <span class="address-title">{text}</span>}
      {isWeb(url) ? (
        <a
          class="address"
          href={url}
          target="_blank"
          rel="noopener noreferrer nofollow ugc"
          title={url}
          dir="ltr"
        >
          {short}
        </a>
      ) : (
        <span class="address" dir="ltr">
          {url}
        </span>
      )}
    </>
  );
}

function LocalTime({ timezone }: { readonly timezone: string }) {
  const time = useTicking((now) => (timezone ? (timeIn(timezone, now)?.time ?? '') : ''));
  const hours = useTicking((now) => (timezone ? (timeIn(timezone, now)?.hours ?? 0) : 0));
  const distance = hours === 0 ? '' : `${hours > 0 ? '+' : '−'}${Math.abs(hours)} h`;
  return (
    <Fact label={say('localTime')}>
      {time && (
        <>
          {time}
          <span class="fact-aside">
            {distance} {timezone.split('/').at(-1)?.replaceAll('_', ' ')}
          </span>
        </>
      )}
    </Fact>
  );
}

function About({ view }: { readonly view: ConversationView }) {
  const me = useDesk((desk) => desk.me?.account);
  const agent = view.agent && (view.agent.account === me ? say('you') : view.agent.name);
  return (
    <section class="facts">
      <h3>{say('sectionConversation')}</h3>
      <dl>
        <Fact label={say('started')}>{dateAndTime(view.openedAt)}</Fact>
        <Fact label={say('endedAt')}>{view.endedAt !== null && dateAndTime(view.endedAt)}</Fact>
        <Fact label={say('answeredBy')}>{agent}</Fact>
        <Fact label={say('site')}>{view.site}</Fact>
        <Fact label={say('conversationId')}>
          <CopyId id={view.conversation} />
        </Fact>
      </dl>
    </section>
  );
}

const COPIED_MS = 2_000;

function CopyId({ id }: { readonly id: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(id);
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  return (
    <button type="button" class="copy" onClick={() => void copy()} title={id}>
      <code>{id.slice(0, 8)}…</code>
      <Icon name={isCopied ? 'check' : 'copy'} size={14} />
      <span class="unseen" aria-live="polite">
        {say(isCopied ? 'copied' : 'copy')}
      </span>
    </button>
  );
}
