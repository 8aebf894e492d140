// What keeps the panel away, in words for whoever makes the page.

/** `around`: the origins of all pages around the frame. Empty if nothing keeps the panel away. */
export function problemOf(
  site: string,
  isKnown: boolean,
  embedders: readonly string[],
  around: readonly string[],
): string {
  if (!isKnown)
    return `there is no site with the key "${site}". \`aican site list\` shows the keys, \`aican site create\` makes one.`;
  const foreign = around.find((origin) => !embedders.includes(origin));
  if (foreign === undefined) return '';
  return foreign === 'null'
    ? 'a page from a file or in a sandboxed frame has no origin: serve it over http or https.'
    : `the site's list does not name ${foreign}. Run: aican site set ${site} --add-origin ${foreign}`;
}
