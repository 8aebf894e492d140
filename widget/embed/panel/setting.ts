// What the page that carries the panel says in its meta elements.

function meta(name: string): string {
  const element = document.querySelector(`meta[name="aican-${name}"]`);
  return element?.getAttribute('content') ?? '';
}

function origins(): readonly string[] {
  try {
    const list: unknown = JSON.parse(meta('embedders'));
    return Array.isArray(list) ? list.filter((it) => typeof it === 'string') : [];
  } catch {
    return [];
  }
}

export const setting = {
  site: meta('site'),
  gateway: meta('gateway'),
  policy: meta('policy'),
  /** The origins whose pages may embed the panel, exactly. */
  embedders: origins(),
} as const;
