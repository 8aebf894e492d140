// Phones: the chat fills the screen, and the on-screen keyboard must not cover its composer.

const PHONE = '(max-width: 480px), (max-height: 420px)';

export function isPhone(): boolean {
  return matchMedia(PHONE).matches;
}

/** iOS lays its keyboard over the page without resizing it; the visual viewport tells what is left. */
export function followKeyboard(frame: HTMLElement): void {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const follow = () => {
    frame.style.setProperty('--height', `${viewport.height}px`);
    frame.style.setProperty('--top', `${viewport.offsetTop}px`);
  };
  viewport.addEventListener('resize', follow);
  viewport.addEventListener('scroll', follow);
}
