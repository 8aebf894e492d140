// Links within a text. The text stays text: this only tells which parts of it may be pressed.

export interface Piece {
  readonly text: string;
  readonly href?: string;
}

// Addresses end at white space, quotes, angle brackets and full-width punctuation, which writers of Chinese put
// right after them. Parts of an e-mail address have their lengths (RFC 5321), which keeps a long text quick to read.
const LINK =
  /\b(?:https?:\/\/|mailto:)[^\s<>"'`，。；：！？、（）《》「」【】]+|\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/giu;
const CLOSING = /[.,;:!?)\]}*_]+$/;
const SAFE = new Set(['http:', 'https:', 'mailto:']);

function hrefOf(text: string): string | null {
  const address = /^(https?:\/\/|mailto:)/i.test(text) ? text : `mailto:${text}`;
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol === 'mailto:') url.search = ''; // no recipient, subject or text that the writer chose
  return SAFE.has(url.protocol) ? url.href : null;
}

/** What belongs to the sentence and not to the address; a bracket that the address opened belongs to it. */
function trimmed(found: string): string {
  const opens = found.includes('(') && found.endsWith(')');
  return opens ? found : found.replace(CLOSING, '');
}

export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const found = trimmed(match[0]);
    const href = hrefOf(found);
    if (!href) continue;
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
    pieces.push({ text: found, href });
    from = match.index + found.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}
