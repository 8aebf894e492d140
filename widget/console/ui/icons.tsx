// The console's icons: 16 by 16, drawn with one stroke that takes the colour of the text around it.

const PATHS = {
  back: 'M10 3.5 5.5 8l4.5 4.5',
  chevron: 'm6 4 4 4-4 4',
  close: 'm4 4 8 8m0-8-8 8',
  check: 'm3 8.5 3.2 3L13 4.5',
  checks: 'm1.5 8.7 2.8 2.6 6-6.3M8 10.9l.5.4 6-6.3',
  clock: 'M8 4.5V8l2.3 1.5M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z',
  copy: 'M5.5 5.5V3.2c0-.4.3-.7.7-.7h6.6c.4 0 .7.3.7.7v6.6c0 .4-.3.7-.7.7h-2.3m-8-4.3v6.6c0 .4.3.7.7.7h6.6c.4 0 .7-.3.7-.7V6.2c0-.4-.3-.7-.7-.7H3.2c-.4 0-.7.3-.7.7Z',
  eye: 'M1.5 8S3.8 3.5 8 3.5 14.5 8 14.5 8 12.2 12.5 8 12.5 1.5 8 1.5 8Zm8.4 0a1.9 1.9 0 1 1-3.8 0 1.9 1.9 0 0 1 3.8 0Z',
  eyeOff:
    'M6.6 3.7A6 6 0 0 1 8 3.5C12.2 3.5 14.5 8 14.5 8s-.7 1.4-2 2.6M4.2 4.6C2.4 5.8 1.5 8 1.5 8S3.8 12.5 8 12.5c1.1 0 2-.3 2.9-.8M2.5 2.5l11 11',
  panel:
    'M3.2 3h9.6c.7 0 1.2.5 1.2 1.2v7.6c0 .7-.5 1.2-1.2 1.2H3.2C2.5 13 2 12.5 2 11.8V4.2C2 3.5 2.5 3 3.2 3Zm6.6 0v10',
  person:
    'M10.7 5.2a2.7 2.7 0 1 1-5.4 0 2.7 2.7 0 0 1 5.4 0ZM2.8 13.5c.5-2.5 2.6-3.9 5.2-3.9s4.7 1.4 5.2 3.9',
  send: 'M8 13V3.5M3.8 7.5 8 3.3l4.2 4.2',
  down: 'M8 3v9.5M3.8 8.5 8 12.7l4.2-4.2',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  warn: 'M8 5.5v3.2m0 2.3v.01M7.1 2.8 1.8 11.9c-.4.7.1 1.6.9 1.6h10.6c.8 0 1.3-.9.9-1.6L8.9 2.8a1 1 0 0 0-1.8 0Z',
  keyboard:
    'M2.7 4h10.6c.4 0 .7.3.7.7v6.6c0 .4-.3.7-.7.7H2.7c-.4 0-.7-.3-.7-.7V4.7c0-.4.3-.7.7-.7ZM4.5 6.5h.01M7 6.5h.01M9.3 6.5h.01M11.6 6.5h.01M5.5 9.5h5',
  leave: 'M6.5 13.5H3.7c-.7 0-1.2-.5-1.2-1.2V3.7c0-.7.5-1.2 1.2-1.2h2.8M10.5 11l3-3-3-3m2.8 3h-7',
  chat: 'M2.5 4.2c0-.7.5-1.2 1.2-1.2h8.6c.7 0 1.2.5 1.2 1.2v5.6c0 .7-.5 1.2-1.2 1.2H7.5L4.5 13.5V11h-.8c-.7 0-1.2-.5-1.2-1.2Z',
  out: 'M6.5 3.5H3.7c-.7 0-1.2.5-1.2 1.2v7.6c0 .7.5 1.2 1.2 1.2h7.6c.7 0 1.2-.5 1.2-1.2V9.5M9.5 2.5h4v4m-.2-3.8L7.5 8.5',
  sun: 'M10.5 8a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0ZM8 1.5v1.3m0 10.4v1.3M1.5 8h1.3m10.4 0h1.3M3.4 3.4l.9.9m7.4 7.4.9.9m0-9.2-.9.9m-7.4 7.4-.9.9',
  moon: 'M13.3 9.6A5.7 5.7 0 0 1 6.4 2.7a5.7 5.7 0 1 0 6.9 6.9Z',
  screen: 'M3 3h10c.6 0 1 .4 1 1v6c0 .6-.4 1-1 1H3c-.6 0-1-.4-1-1V4c0-.6.4-1 1-1Zm3 10.5h4M8 11v2.5',
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration: what it means is always said in words next to it, or in the label of its button. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width={name === 'more' ? 2 : 1.5}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The product's mark: a bubble with a heart of light. */
export function Mark({ size = 28 }: { readonly size?: number }) {
  return (
    <svg class="mark" width={size} height={size} viewBox="0 0 28 28" aria-hidden="true">
      <rect class="mark-ground" width="28" height="28" rx="8" />
      <path
        class="mark-figure"
        d="M8.5 7.5h11A2.5 2.5 0 0 1 22 10v6.5a2.5 2.5 0 0 1-2.5 2.5h-5.7L9.7 22a.6.6 0 0 1-1-.5V19h-.2A2.5 2.5 0 0 1 6 16.5V10a2.5 2.5 0 0 1 2.5-2.5Z"
      />
      <path class="mark-line" d="M10.5 13.2h.01M14 13.2h.01M17.5 13.2h.01" />
    </svg>
  );
}
