// A kind estimate of how hard a password is to guess. It advises; the server decides.

/** NIST SP 800-63B-4, section 3.1.1.2: a password that stands alone has at least 15 characters. */
export const PASSWORD_CHARACTERS = 15;

export type Strength = 'short' | 'plain' | 'good' | 'strong';

/** How many different words, and how many different characters, are in it. */
function variety(password: string): { readonly words: number; readonly characters: number } {
  const words = new Set(
    password
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word.length > 2),
  );
  return { words: words.size, characters: new Set(password.toLowerCase()).size };
}

export function lengthOf(password: string): number {
  return [...password].length;
}

export function strengthOf(password: string): Strength {
  const length = lengthOf(password);
  if (length < PASSWORD_CHARACTERS) return 'short';
  const { words, characters } = variety(password);
  if (characters < 8) return 'plain';
  if (length >= 24 || words >= 5) return 'strong';
  return words >= 3 || characters >= 11 ? 'good' : 'plain';
}
