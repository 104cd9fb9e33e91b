// What the stand-in knows: people, collections, documents and conversations, in memory.
import { randomUUID } from 'node:crypto';
import { everything, wireOfScope } from '../src/chat/scope';
import type {
  AskCommand,
  Collection,
  ContentBlock,
  DocumentRow,
  Grant,
  NumberedEvent,
  Scope,
  ServerFrame,
  Source,
  Turn,
  VersionContent,
} from '../src/protocol/types';
import { makePdf } from './mockPdf.ts';
import { nobody } from './nobody.ts';

export interface Reply {
  status: number;
  body?: unknown;
  bytes?: Buffer;
}

export type MockTurn = Turn & { clientId: string };

interface Log {
  name: string;
  question: string;
  events: NumberedEvent[];
}

interface MockConversation {
  id: string;
  title: string;
  updated_at: string;
  scope: Scope;
  turns: MockTurn[];
}

const day = 86_400_000;
const ago = (days: number): string => new Date(Date.now() - days * day).toISOString();
const ok = (body: unknown): Reply => ({ status: 200, body });
const missing: Reply = { status: 404, body: { code: 'not_found', message: '', next_step: '' } };

export class MockCompany {
  readonly watchers = new Set<(frame: ServerFrame) => void>();
  readonly #logs: Log[];
  readonly #session = { ...nobody };
  #conversations: MockConversation[] = [];
  #collections: Collection[] = [];
  #documents: DocumentRow[] = [];
  #grants: Grant[] = [
    { id: randomUUID(), principal: { kind: 'group', id: 'g1', name: 'All staff' }, role: 'reader' },
    { id: randomUUID(), principal: { kind: 'user', id: 'u1', name: '林晓雯 Lin Xiaowen' }, role: 'owner' },
  ];

  constructor(logs: string[]) {
    this.#logs = logs.map((text) => JSON.parse(text) as Log);
    this.#collections = [
      ['人事制度', '年假、考勤、福利等制度', 'owner'],
      ['People', 'Handbook and people policies', 'editor'],
      ['Finance', 'Travel, expenses, procurement', 'reader'],
    ].map(([name = '', description = '', role]) => ({
      ...{ id: randomUUID(), name, description, documents: 0 },
      role: role as Collection['role'],
    }));
    for (const source of this.#allSources()) this.#addDocument(source);
    this.#addTroubles();
    this.#logs.forEach((log, index) => this.#addConversation(log, [0, 0, 1, 4, 12, 50][index] ?? 90));
  }

  #signIn(): typeof nobody {
    this.#session.person = {
      ...{ id: 'u1', name: '林晓雯 Lin Xiaowen', email: 'lin@example.com', language: 'en' },
      ...{ is_administrator: true, is_auditor: false },
    };
    return this.#session;
  }

  #allSources(): Source[] {
    const events = this.#logs.flatMap((log) => log.events.map(({ event }) => event));
    return events.flatMap((event) => (event.type === 'sources_found' ? event.sources : []));
  }

  #addDocument(source: Source): void {
    const collection = this.#collections.find(({ name }) => name === source.collection_name);
    if (!collection || this.#documents.some(({ id }) => id === source.document_id)) return;
    collection.documents += 1;
    const pdf = source.page !== null;
    this.#documents.push({
      ...{ id: source.document_id, title: source.title, filename: `${source.title}.${pdf ? 'pdf' : 'md'}` },
      ...{ media_type: pdf ? 'application/pdf' : 'text/markdown', language: 'en', collection_id: collection.id },
      ...{ state: 'ready', step: 'ready', progress: 1, passages: 24, pages: pdf ? 3 : null, flags: [] },
      ...{ problem: null, retry_may_help: false, version_id: source.version_id, version_number: 2, versions: 2, expires_on: null },
      ...{ effective_from: source.effective_from, uploaded_by: '林晓雯', updated_at: ago(3) },
    });
  }

  #addTroubles(): void {
    const [like] = this.#documents;
    const collection = this.#collections[1];
    if (!like || !collection) return;
    const base = { ...like, collection_id: collection.id, version_number: 1, versions: 1, passages: 0, pages: null };
    const [message, next_step] = ['The PDF is protected by a password.', 'Save it without a password and upload it again.'];
    const broken = { code: 'encrypted', message, next_step };
    this.#documents.push(
      { ...base, id: 'd-broken', title: 'Salary bands', filename: 'salary.pdf', state: 'failed', step: 'failed', problem: broken },
      { ...base, id: 'd-work', title: '新员工入职指南', filename: '入职.docx', state: 'working', step: 'embedding', progress: 0.6 },
      { ...base, id: 'd-empty', title: 'Front page', filename: 'index.md', state: 'ready', step: 'ready', flags: ['no_passages'] },
    );
    collection.documents += 3;
  }

  #addConversation(log: Log, days: number): void {
    const turn: MockTurn = {
      ...{ id: randomUUID(), clientId: randomUUID(), parent_id: null, question: log.question, masked: false, feedback: null, scope: wireOfScope(everything) },
      ...{ state: 'done', created_at: ago(days), events: log.events },
    };
    const title = log.question.slice(0, 40);
    this.#conversations.push({
      ...{ id: randomUUID(), title, updated_at: ago(days), scope: wireOfScope(everything), turns: [turn] },
    });
  }

  turn(id: string): MockTurn | undefined {
    return this.#conversations.flatMap(({ turns }) => turns).find((turn) => turn.id === id);
  }

  ask(command: AskCommand, pause: number): { turn: MockTurn; conversation: string } {
    let conversation = this.#conversations.find(({ id }) => id === command.conversation_id);
    if (!conversation) {
      conversation = { id: randomUUID(), title: command.question.slice(0, 40), updated_at: '', turns: [], scope: command.scope };
      this.#conversations.unshift(conversation);
    }
    conversation.updated_at = ago(0);
    const known = conversation.turns.find(({ clientId }) => clientId === command.client_message_id);
    if (known) return { turn: known, conversation: conversation.id };
    const turn: MockTurn = {
      ...{ id: randomUUID(), clientId: command.client_message_id, parent_id: command.parent_turn_id, masked: false, feedback: null, scope: command.scope },
      ...{ question: command.question, state: 'running', created_at: ago(0), events: [] },
    };
    conversation.turns.push(turn);
    this.#play(turn, this.#logFor(command.question), pause);
    return { turn, conversation: conversation.id };
  }

  #logFor(question: string): Log {
    const word = ['refuse', 'stop', 'fail'].find((one) => question.includes(one));
    const name = word ?? (/[\u4e00-\u9fff]/.test(question) ? 'quoting' : 'generating');
    const log = this.#logs.find((one) => one.name.startsWith(name)) ?? this.#logs[0];
    if (!log) throw new Error('tests/logs is empty');
    return log;
  }

  #play(turn: MockTurn, log: Log, pause: number): void {
    const timer = setInterval(() => {
      const next = log.events[turn.events.length];
      if (turn.state !== 'running' || !next) {
        clearInterval(timer);
        return;
      }
      turn.events.push(next);
      if (next.event.type === 'turn_finished') turn.state = next.event.state;
    }, pause);
  }

  stop(id: string): void {
    const turn = this.turn(id);
    if (turn?.state !== 'running') return;
    turn.state = 'stopped';
    const usage = { prompt_tokens: 0, completion_tokens: 0, model_calls: 0 };
    turn.events.push({
      number: turn.events.length + 1,
      event: { type: 'turn_finished', state: 'stopped', reason: null, follow_ups: [], usage },
    });
  }

  answer(method: string, path: string, url: URL, body: unknown): Reply {
    const [what = '', id = '', part = ''] = path.slice(1).split('/');
    if (what === 'session') return this.#answerSession(method, body);
    if (!this.#session.person) return { status: 401, body: { code: 'signed_out', message: '', next_step: '' } };
    if (what === 'conversations') return this.#answerConversations(method, id, url, body);
    if (what === 'collections') return this.#answerCollections(method, id, part, body);
    if (what === 'documents') return this.#answerDocuments(method, id, part);
    if (what === 'versions') return this.#answerVersion(id, part);
    if (what === 'search' && id === 'choices') return ok({ kinds: ['pdf', 'markdown'], languages: ['en', 'zh'], earliest: '2024-01-01', latest: '2026-01-01' });
    if (what === 'starters') return ok(this.#logs.slice(0, 4).map(({ question }) => ({ question })));
    if (what === 'groups') return ok([{ id: 'g1', name: 'All staff', members: 42 }, { id: 'g2', name: '财务部', members: 6 }]);
    if (what === 'grants') this.#grants = this.#grants.filter((grant) => grant.id !== id);
    if (what === 'search') return ok({ by_words_alone: false, passages: url.searchParams.get('q') === 'nothing' ? [] : this.#allSources().slice(0, 6) });
    return what === 'grants' ? { status: 204 } : missing;
  }

  #answerSession(method: string, body: unknown): Reply {
    if (method === 'POST' && (body as { password?: string }).password === 'wrong') {
      return { status: 401, body: { code: 'wrong_credentials', message: 'E-mail or password is not right.', next_step: '' } };
    }
    if (method === 'POST') return ok(this.#signIn());
    if (method === 'DELETE') this.#session.person = null;
    if (method === 'PATCH' && this.#session.person) Object.assign(this.#session.person, body);
    return method === 'DELETE' ? { status: 204 } : ok(this.#session);
  }

  #answerConversations(method: string, id: string, url: URL, body: unknown): Reply {
    const words = url.searchParams.get('q') ?? '';
    if (!id) return ok(this.#conversations.filter(({ title }) => title.includes(words)));
    const found = this.#conversations.find((one) => one.id === id);
    if (!found) return missing;
    if (method === 'PATCH') Object.assign(found, body);
    if (method === 'DELETE') this.#conversations = this.#conversations.filter((one) => one !== found);
    return method === 'DELETE' ? { status: 204 } : ok(found);
  }

  #answerCollections(method: string, id: string, part: string, body: unknown): Reply {
    if (!id && method === 'POST') {
      const made = { id: randomUUID(), role: 'owner' as const, documents: 0, ...(body as { name: string; description: string }) };
      this.#collections.push(made);
      return ok(made);
    }
    if (!id) return ok(this.#collections);
    if (part === 'grants' && method === 'POST') {
      const { kind, role } = body as { kind: Grant['principal']['kind']; role: Grant['role'] };
      const grant: Grant = { id: randomUUID(), principal: { kind, id: null, name: kind }, role };
      this.#grants.push(grant);
      return ok(grant);
    }
    if (part === 'grants') return ok(this.#grants);
    if (method === 'POST') return { status: 201, body: [this.#receive(id, String(body))] };
    return ok(this.#documents.filter(({ collection_id: collection }) => collection === id));
  }

  #receive(collection: string, form: string): DocumentRow {
    const [like] = this.#documents;
    if (!like) throw new Error('no document to copy');
    const filename = /filename="([^"]+)"/.exec(form)?.[1] ?? 'file.md';
    const fresh = { id: randomUUID(), filename, title: filename.replace(/\.\w+$/, ''), collection_id: collection };
    const row: DocumentRow = { ...like, ...fresh, state: 'queued', step: 'received', progress: 0, passages: 0, pages: null };
    this.#documents.push(row);
    const steps = ['parsing', 'chunking', 'embedding', 'embedding', 'ready'];
    const timer = setInterval(() => {
      const step = steps.shift();
      if (!step) {
        clearInterval(timer);
        return;
      }
      const done = step === 'ready';
      Object.assign(row, { step, state: done ? 'ready' : 'working', progress: 1 - steps.length / 5, passages: done ? 12 : 0 });
      for (const tell of this.watchers) tell({ type: 'document_changed', document: row });
    }, 900);
    return row;
  }

  #answerDocuments(method: string, id: string, part: string): Reply {
    const row = this.#documents.find((one) => one.id === id);
    if (!row) return missing;
    if (method === 'DELETE') this.#documents = this.#documents.filter((one) => one !== row);
    if (method === 'DELETE') return { status: 204 };
    if (part === 'retry') return ok(Object.assign(row, { state: 'queued', step: 'received', problem: null }));
    if (part === 'cancel') return ok(Object.assign(row, { state: 'cancelled', step: 'cancelled', retry_may_help: true }));
    const version = {
      ...{ id: row.version_id, number: 2, effective_from: row.effective_from, expires_on: null, in_force: true },
      ...{ state: 'ready', filename: row.filename, media_type: row.media_type, pages: row.pages, passages: 24, uploaded_at: ago(3) },
    };
    const older = { ...version, id: `${row.version_id}-1`, number: 1, in_force: false, expires_on: '2024-12-31', effective_from: '2023-01-01' };
    const collection = this.#collections.find((one) => one.id === row.collection_id);
    return ok({ ...row, collection_name: collection?.name, role: collection?.role, versions: [version, older] });
  }

  #answerVersion(id: string, part: string): Reply {
    const row = this.#documents.find((one) => id.startsWith(one.version_id));
    if (!row) return missing;
    const [source] = this.#allSources().filter((one) => one.version_id === row.version_id);
    if (part === 'original') return { status: 200, bytes: this.#pdfOf(row) };
    if (part === 'boxes') {
      const page = source?.page ?? 1;
      return ok([0.32, 0.353].map((top) => ({ page: Math.min(page, 3), left: 0.11, top, right: 0.86, bottom: top + 0.026 })));
    }
    return ok(contentOf(row, this.#collections, this.#allSources()));
  }

  #pdfOf(row: DocumentRow): Buffer {
    const line = 'From 1 January employees receive paid annual leave per calendar year, rising with service.';
    const page = (number: number): string[] => [`${row.filename.replace(/[^\x20-\x7e]/g, '')} - page ${number}`, ...Array<string>(18).fill(line)];
    return makePdf([page(1), page(2), page(3)]);
  }
}

function contentOf(row: DocumentRow, collections: Collection[], sources: Source[]): VersionContent {
  const own = sources.filter((one) => one.version_id === row.version_id).sort((one, other) => one.start - other.start);
  const unique = own.filter((one, index) => own.findIndex((other) => other.start === one.start) === index);
  const filler = 'This section applies to all employees of the company. 本节适用于公司全体员工。';
  const blocks = unique.flatMap((source): ContentBlock[] => {
    const heading = source.heading_path.at(-1) ?? source.title;
    const plain = { level: null, page: source.page === null ? null : Math.min(source.page, 3), rows: [], header_rows: 0 };
    const headStart = source.start - 150;
    const at = (kind: ContentBlock['kind'], start: number, text: string): ContentBlock => ({
      ...plain,
      ...{ kind, start, end: start + [...text].length, text },
    });
    const table = 'Service | Days\nunder 5 years | 25\n5 years or more | 28';
    const tableStart = source.end + 80;
    const rows = [[0, 14], [15, 33], [34, 54]].map(([from = 0, to = 0]): [number, number] => [tableStart + from, tableStart + to]);
    return [
      { ...at('heading', headStart, heading), level: 2 },
      at('paragraph', headStart + 60, filler),
      at('paragraph', source.start, source.quote),
      at('list_item', source.end + 2, 'Ask your manager first'),
      at('list_item', source.end + 30, 'Enter the dates in the portal'),
      { ...at('table', tableStart, table), rows, header_rows: 1 },
    ];
  });
  return {
    ...{ document_id: row.id, version_id: row.version_id, title: row.title, media_type: row.media_type, number: 2 },
    ...{ collection_name: collections.find(({ id }) => id === row.collection_id)?.name ?? '', pages: row.pages },
    ...{ effective_from: row.effective_from, expires_on: null, in_force: row.title !== 'Employee handbook' },
    ...{ newest_version_id: row.title === 'Employee handbook' ? 'v-new' : row.version_id, blocks },
  };
}
