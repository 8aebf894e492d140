// Initials in a tinted shape: round for a person, a rounded square for the business.

const HUES = 6;

/**
 * The first letters of the first and the last word. Of a Chinese person's name the last two characters, as is the
 * custom; of a Chinese business the first.
 */
export function initialsOf(name: string, isPerson: boolean): string {
  const parts = name.trim().split(/\s+/);
  const first = [...(parts[0] ?? '')];
  if (/\p{Script=Han}/u.test(name)) return (isPerson ? first.slice(-2) : first.slice(0, 1)).join('');
  const last = parts.length > 1 ? [...(parts.at(-1) ?? '')] : [];
  return `${first[0] ?? ''}${last[0] ?? ''}`.toUpperCase();
}

/** The same tint for the same name, everywhere. */
export function hueOf(name: string): number {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return sum % HUES;
}

interface AvatarProps {
  readonly name: string;
  readonly round?: boolean;
  readonly size?: 'small' | 'large';
}

export function Avatar({ name, round = true, size }: AvatarProps) {
  const className = `avatar hue${hueOf(name)} ${round ? 'round' : ''} ${size ?? ''}`;
  return (
    <span class={className} aria-hidden="true">
      {initialsOf(name, round)}
    </span>
  );
}
