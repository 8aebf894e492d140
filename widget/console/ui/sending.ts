// Which key press sends what was written.

/** The key code that browsers give while an input method composes, also where `isComposing` is already false. */
const COMPOSING_KEY = 229;

/** Enter sends; with Shift it makes a new line, and while an input method composes it belongs to that. */
export function isSending(
  event: Pick<KeyboardEvent, 'key' | 'shiftKey' | 'isComposing' | 'keyCode'>,
): boolean {
  return event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== COMPOSING_KEY;
}
