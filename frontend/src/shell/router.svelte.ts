// The page's address, and moving between pages without loading anew. Every place is an ordinary link.
export type Route =
  | { page: 'chat'; conversation: string | null }
  | { page: 'print'; conversation: string }
  | { page: 'search' }
  | { page: 'library'; collection: string | null }
  | { page: 'document'; document: string; version: string }
  | { page: 'passages'; document: string; version: string }
  | { page: 'changes'; document: string; version: string }
  | { page: 'people'; showing: 'people' | 'groups' }
  | { page: 'glossary' }
  | { page: 'permissions' }
  | { page: 'golden' }
  | { page: 'generations' }
  | { page: 'system' }
  | { page: 'retention' }
  | { page: 'style' }
  | { page: 'sources' }
  | { page: 'feedback' }
  | { page: 'gaps' }
  | { page: 'insights' }
  | { page: 'shared'; token: string }
  | { page: 'sessions' }
  | { page: 'security' }
  | { page: 'audit' }
  | { page: 'signin' }
  | { page: 'forgot' }
  | { page: 'password' }
  | { page: 'setup' }
  | { page: 'unknown' };

export function routeOf(path: string): Route {
  const [first = '', second, third, fourth] = partsOf(path) ?? ['unknown'];
  if (first === '') return { page: 'chat', conversation: null };
  if (first === 'c' && second) return { page: 'chat', conversation: second };
  if (first === 'print' && second) return { page: 'print', conversation: second };
  if (first === 'search') return { page: 'search' };
  if (first === 'library') return { page: 'library', collection: second ?? null };
  if (first === 'd' && second && third && fourth === 'passages') return { page: 'passages', document: second, version: third };
  if (first === 'd' && second && third && fourth === 'changes') return { page: 'changes', document: second, version: third };
  if (first === 'd' && second && third && !fourth) return { page: 'document', document: second, version: third };
  if (first === 'people' && !second) return { page: 'people', showing: 'people' };
  if (first === 'people' && second === 'groups') return { page: 'people', showing: 'groups' };
  if (first === 'glossary') return { page: 'glossary' };
  if (first === 'feedback') return { page: 'feedback' };
  if (first === 'gaps') return { page: 'gaps' };
  if (first === 'insights') return { page: 'insights' };
  if (first === 'permissions') return { page: 'permissions' };
  if (first === 'golden') return { page: 'golden' };
  if (first === 'generations') return { page: 'generations' };
  if (first === 'system') return { page: 'system' };
  if (first === 'retention') return { page: 'retention' };
  if (first === 'style') return { page: 'style' };
  if (first === 'sources') return { page: 'sources' };
  if (first === 'forgot') return { page: 'forgot' };
  if (first === 'password') return { page: 'password' };
  if (first === 'shared' && second) return { page: 'shared', token: second };
  if (first === 'sessions') return { page: 'sessions' };
  if (first === 'security') return { page: 'security' };
  if (first === 'audit') return { page: 'audit' };
  if (first === 'signin') return { page: 'signin' };
  if (first === 'setup') return { page: 'setup' };
  return { page: 'unknown' };
}

/** null for a path that is damaged, as by a mail program. */
function partsOf(path: string): string[] | null {
  try {
    return path.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    return null;
  }
}

class Router {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));
  route = $derived(routeOf(this.path));

  start(): void {
    window.addEventListener('popstate', () => this.#read());
    document.addEventListener('click', (event) => this.#clicked(event));
  }

  go(address: string, replace = false): void {
    if (address === location.pathname + location.search) return;
    if (replace || this.isCovered) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    this.#read();
  }

  /** Something lies over the page, and has an entry of its own in the browser's history: Back takes it away. */
  get isCovered(): boolean {
    return (history.state as { isCovered?: boolean } | null)?.isCovered === true;
  }

  cover(): void {
    if (!this.isCovered) history.pushState({ isCovered: true }, '');
  }

  uncover(): void {
    if (this.isCovered) history.back();
  }

  /** Changes the query of the present address in place. */
  setQuery(change: Record<string, string>): void {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(change)) {
      if (value) query.set(name, value);
      else query.delete(name);
    }
    const text = query.toString().replaceAll('%2C', ',');
    this.go(location.pathname + (text ? `?${text}` : ''), true);
  }

  #read(): void {
    this.path = location.pathname;
    const query = new URLSearchParams(location.search);
    // What is drawn by it is not drawn anew where something over the page was taken away.
    if (query.toString() !== this.query.toString()) this.query = query;
  }

  #clicked(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (link.pathname.startsWith('/api/') || link.getAttribute('href')?.startsWith('#')) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}

export const router = new Router();
