// One door to the HTTP API: the CSRF header, the language of messages, and errors as one class. Knows no page state.
import type { Language, Problem } from './types';

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.message);
  }

  get code(): string {
    return this.problem.code;
  }

  /** What was sent is at fault: the very same will be refused again. */
  get refusesContent(): boolean {
    return [400, 413, 415, 422].includes(this.status);
  }
}

let language: Language = 'en';
let onSignedOut: () => void = () => undefined;

export function speakLanguage(chosen: Language): void {
  language = chosen;
}

/** `listener` runs when the server answers 401 to anything but the sign-in itself. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/** Its name has a prefix wherever the cookie could leave this machine; no other host can plant it under that. */
export function csrfToken(): string {
  for (const name of ['__Host-kbchat_csrf=', 'kbchat_csrf=']) {
    const pair = document.cookie.split('; ').find((entry) => entry.startsWith(name));
    if (pair) return decodeURIComponent(pair.slice(name.length));
  }
  return '';
}

export function commonHeaders(): Record<string, string> {
  return { Accept: 'application/json', 'Accept-Language': language, 'X-CSRFToken': csrfToken() };
}

export function problemFrom(body: unknown, fallbackCode: string): Problem {
  if (typeof body === 'object' && body !== null && 'code' in body && 'message' in body) {
    const next = 'next_step' in body && typeof body.next_step === 'string' ? body.next_step : '';
    return { code: String(body.code), message: String(body.message), next_step: next };
  }
  return { code: fallbackCode, message: '', next_step: '' };
}

export function reportSignedOut(): void {
  onSignedOut();
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export async function request<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const headers = commonHeaders();
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      credentials: 'same-origin',
      // What a page that is left sends last: see ui/undo.svelte.ts.
      keepalive: method === 'DELETE',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError(0, { code: 'offline', message: '', next_step: '' });
  }
  if (response.status === 204) return undefined as T;
  const parsed: unknown = await response.json().catch(() => null);
  if (response.ok) return parsed as T;
  const problem = problemFrom(parsed, `http_${response.status}`);
  if (response.status === 401 && problem.code !== 'wrong_credentials') onSignedOut();
  throw new ApiError(response.status, problem);
}

/** Parameters of an address; a list gives one for each of its values. */
export const query = (values: Record<string, string | number | string[]>): string => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? value : [value]) parameters.append(name, String(one));
  }
  const text = parameters.toString();
  return text ? `?${text}` : '';
};
