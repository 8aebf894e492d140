// What the console asks over HTTP. Every failure becomes one Trouble, so that pages only have to name it.

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
}

/** Who is signed in, and where. */
export interface SignedIn {
  readonly account: Account;
  readonly workspace: { readonly name: string };
}

export interface Invitation {
  readonly workspace: { readonly name: string };
  readonly role: string;
  readonly email: string | null;
}

/** The answer was an error, or there was none (`status` 0). */
export class Trouble extends Error {
  override readonly name = 'Trouble';
  readonly status: number;
  /** The field that was refused, where one was. */
  readonly field: string | null;
  readonly retryAfterMs: number | null;

  constructor(
    status: number,
    message: string,
    field: string | null = null,
    retryAfterMs: number | null = null,
  ) {
    super(message);
    this.status = status;
    this.field = field;
    this.retryAfterMs = retryAfterMs;
  }
}

interface ErrorBody {
  readonly error?: { readonly message?: string; readonly field?: string; readonly retry_after_ms?: number };
}

const ROOT = '/api/v1';
/** Longer than any answer that is still worth waiting for. */
const DEADLINE_MS = 15_000;

async function call(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
  const response = await fetch(ROOT + path, {
    method,
    headers: body ? { 'content-type': 'application/json' } : {},
    body: body ? JSON.stringify(body) : null,
    credentials: 'same-origin',
    signal: AbortSignal.timeout(DEADLINE_MS),
  }).catch(() => {
    throw new Trouble(0, 'no answer');
  });
  const answer: unknown = response.status === 204 ? null : await response.json().catch(() => null);
  if (response.ok) return answer;
  const { error } = (answer ?? {}) as ErrorBody;
  throw new Trouble(
    response.status,
    error?.message ?? '',
    error?.field ?? null,
    error?.retry_after_ms ?? null,
  );
}

/** Who is signed in; null when nobody is. Throws Trouble. */
export async function me(): Promise<SignedIn | null> {
  return (await call('GET', '/me')) as SignedIn | null;
}

export async function signIn(email: string, password: string): Promise<SignedIn> {
  return (await call('POST', '/sign-in', { email, password })) as SignedIn;
}

export async function signOut(): Promise<void> {
  await call('POST', '/sign-out');
}

/** What a one-time link invites to. Throws Trouble 404 when it was used or is too old. */
export async function invitation(token: string): Promise<Invitation> {
  return (await call('POST', '/invitation', { token })) as Invitation;
}

export interface Acceptance {
  readonly token: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export async function accept(acceptance: Acceptance): Promise<SignedIn> {
  return (await call('POST', '/invitation/accept', acceptance)) as SignedIn;
}

/** A one-time ticket for the gateway, good for 30 seconds. */
export async function ticket(): Promise<string> {
  const answer = (await call('POST', '/ticket')) as { readonly ticket: string };
  return answer.ticket;
}
