// The site's accent colour, and what can be read on it.

const LONG = /^#[0-9a-f]{6}$/i;
const SHORT = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i;

/** `#rgb` or `#rrggbb` as `#rrggbb`; empty for anything else. */
export function colorOf(text: string | undefined): string {
  const color = (text ?? '').trim().replace(SHORT, '#$1$1$2$2$3$3');
  return LONG.test(color) ? color.toLowerCase() : '';
}

/** Relative luminance (WCAG 2.2) of `#rrggbb`. */
function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** White or black, whichever stands out more on `color`: at least 4.5:1 on every colour. */
export function inkOn(color: string): string {
  const white = 1.05 / (luminance(color) + 0.05);
  return white >= 4.5 ? '#ffffff' : '#000000';
}
