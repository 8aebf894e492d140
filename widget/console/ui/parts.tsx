// Small parts that many views share.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ConversationView } from '../../client/frames.ts';
import { hueOfVisitor } from '../words/aliases.ts';
import { givenName, hueOf, initials } from '../words/names.ts';
import { say } from '../words/say.ts';
import { Icon, type IconName } from './icons.tsx';

export type Presence = 'available' | 'away' | 'offline';

export function presenceOf(isOnline: boolean, available: boolean): Presence {
  if (!isOnline) return 'offline';
  return available ? 'available' : 'away';
}

interface AvatarProps {
  /** Whose hue it has, where `hue` says no other. */
  readonly id: string;
  readonly hue?: number;
  /** Empty for somebody who gave no name. */
  readonly name: string;
  readonly size?: 'small' | 'large';
  readonly shape?: 'square';
  readonly presence?: Presence;
}

/** Decoration: the name always stands next to it. */
export function Avatar({ id, hue = hueOf(id), name, size, shape, presence }: AvatarProps) {
  const letters = initials(name);
  return (
    <span class="avatar" data-hue={hue} data-size={size} data-shape={shape} aria-hidden="true">
      {letters || <Icon name="person" size={size === 'large' ? 20 : 14} />}
      {presence && <span class="dot" data-is={presence} />}
    </span>
  );
}

interface VisitorAvatarProps extends Pick<AvatarProps, 'size'> {
  readonly view: ConversationView;
}

/** The visitor's picture, in the colour that their name says where we gave them one. */
export function VisitorAvatar({ view: { visitor, conversation }, ...rest }: VisitorAvatarProps) {
  const id = visitor?.visitor ?? conversation;
  return <Avatar id={id} hue={hueOfVisitor(id)} name={givenName(visitor)} {...rest} />;
}

interface IconButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly pressed?: boolean;
  readonly class?: string;
}

export function IconButton({ icon, label, onClick, pressed, class: more }: IconButtonProps) {
  return (
    <button
      type="button"
      class={more ? `icon-button ${more}` : 'icon-button'}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

interface ModalProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** The browser's own modal dialog: it keeps the focus inside, closes on Escape and gives the focus back. */
export function Modal({ title, onClose, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside the dialog closes it; on the keyboard Escape does
    <dialog
      ref={dialog}
      class="modal"
      aria-label={title}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <div class="modal-body">
        <header class="modal-head">
          <h2 tabIndex={-1} autofocus>
            {title}
          </h2>
          <IconButton icon="close" label={say('close')} onClick={() => dialog.current?.close()} />
        </header>
        {children}
      </div>
    </dialog>
  );
}

export function Spinner() {
  return <span class="spinner" aria-hidden="true" />;
}
