// Whether the visitor had the chat open in this tab. Written only after they opened it; storage may be switched off.

const key = (site: string) => `aican:${site}`;

export function recall(site: string): string | null {
  try {
    return sessionStorage.getItem(key(site));
  } catch {
    return null;
  }
}

export function remember(site: string, isOpen: boolean): void {
  try {
    sessionStorage.setItem(key(site), isOpen ? 'open' : 'closed');
  } catch {
    // Then the chat is closed on the next page: the button is still there.
  }
}

export function forget(site: string): void {
  try {
    sessionStorage.removeItem(key(site));
  } catch {
    // Nothing was stored either.
  }
}
