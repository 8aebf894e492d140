// A message's text. It only ever becomes text nodes; web and e-mail addresses in it may be pressed.

import { piecesOf } from '../../client/links.ts';

export function Words({ text }: { readonly text: string }) {
  return (
    <>
      {piecesOf(text).map((piece, i) =>
        piece.href ? (
          <a
            key={i}
            href={piece.href}
            target="_blank"
            rel="noopener noreferrer nofollow ugc"
            title={piece.href}
          >
            {piece.text}
          </a>
        ) : (
          piece.text
        ),
      )}
    </>
  );
}
