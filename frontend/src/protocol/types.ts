// The wire between page and server: HTTP bodies, websocket frames, answer events.
// One file, so that a generated one can take its place. Offsets are Unicode code points, never UTF-16 units.

export type Language = 'en' | 'zh-hans';
export type Role = 'reader' | 'editor' | 'owner';

export interface Person {
  id: string;
  name: string;
  email: string;
  language: Language;
  is_administrator: boolean;
}

export interface Session {
  person: Person | null;
  generating: boolean;
  model: string | null;
  setup_open: boolean;
}

export interface Problem {
  code: string;
  message: string;
  next_step: string;
}

export interface Collection {
  id: string;
  name: string;
  description: string;
  role: Role;
  documents: number;
}

export interface Group {
  id: string;
  name: string;
  members: number;
}

export type PrincipalKind = 'user' | 'group' | 'everyone';

export interface Grant {
  id: string;
  principal: { kind: PrincipalKind; id: string | null; name: string };
  role: Role;
}

export type DocumentState = 'queued' | 'working' | 'ready' | 'failed';

export interface DocumentRow {
  id: string;
  title: string;
  filename: string;
  media_type: string;
  language: string;
  collection_id: string;
  state: DocumentState;
  step: string;
  progress: number;
  passages: number;
  pages: number | null;
  flags: string[];
  problem: Problem | null;
  version_id: string;
  version_number: number;
  versions: number;
  effective_from: string;
  expires_on: string | null;
  uploaded_by: string;
  updated_at: string;
}

export interface DocumentVersion {
  id: string;
  number: number;
  effective_from: string;
  expires_on: string | null;
  in_force: boolean;
  state: DocumentState;
  filename: string;
  media_type: string;
  pages: number | null;
  passages: number;
  uploaded_at: string;
}

export interface DocumentDetail {
  id: string;
  title: string;
  collection_id: string;
  collection_name: string;
  role: Role;
  versions: DocumentVersion[];
}

export type BlockKind = 'heading' | 'paragraph' | 'list_item' | 'table' | 'code' | 'quote' | 'page_furniture';

export interface ContentBlock {
  kind: BlockKind;
  start: number;
  end: number;
  text: string;
  level: number | null;
  page: number | null;
  rows: [number, number][];
  header_rows: number;
}

export interface VersionContent {
  document_id: string;
  version_id: string;
  title: string;
  collection_name: string;
  media_type: string;
  number: number;
  effective_from: string;
  expires_on: string | null;
  in_force: boolean;
  newest_version_id: string;
  pages: number | null;
  blocks: ContentBlock[];
}

/** Fractions of the page's width and height, origin top left; `page` counts from 1. */
export interface PageBox {
  page: number;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface TextRange {
  start: number;
  end: number;
}

export interface Source {
  number: number;
  document_id: string;
  version_id: string;
  collection_name: string;
  title: string;
  heading_path: string[];
  page: number | null;
  start: number;
  end: number;
  quote: string;
  effective_from: string;
}

export interface ConversationRow {
  id: string;
  title: string;
  updated_at: string;
}

export interface Scope {
  collection_ids: string[];
  document_ids?: string[];
}

export type TurnState = 'done' | 'stopped' | 'refused' | 'failed' | 'interrupted' | 'truncated' | 'revoked';

export interface NumberedEvent {
  number: number;
  event: AnswerEvent;
}

export interface Turn {
  id: string;
  parent_id: string | null;
  question: string;
  state: 'queued' | 'running' | TurnState;
  created_at: string;
  masked: boolean;
  events: NumberedEvent[];
}

export interface ConversationDetail {
  id: string;
  title: string;
  updated_at: string;
  scope: Scope;
  turns: Turn[];
}

export interface Citation {
  number: number;
  source: number;
  at: number;
  document_id: string;
  version_id: string;
  start: number;
  end: number;
  page: number | null;
  quote: string;
}

export type Decision = 'retrieve' | 'converse' | 'ask_back';
export type Support = 'supported' | 'partly' | 'unsupported' | 'not_factual';
export type Strategy = 'generating' | 'quoting';

export interface TokenUsage {
  prompt_tokens: number;
  completion_tokens: number;
  model_calls: number;
}

export type AnswerEvent =
  | { type: 'turn_started'; strategy: Strategy }
  | { type: 'decided'; decision: Decision }
  | { type: 'queries_rewritten'; queries: string[] }
  | { type: 'search_started'; round: number; collections: number }
  | { type: 'sources_found'; round: number; sources: Source[] }
  | { type: 'judged'; enough: boolean; missing: string | null }
  | { type: 'writing_started' }
  | { type: 'text_added'; text: string }
  | { type: 'text_withdrawn'; range: TextRange; reason: 'unsupported' | 'revoked' }
  | ({ type: 'citation_added' } & Citation)
  | { type: 'sentence_verified'; range: TextRange; state: Support }
  | { type: 'value_lit'; range: TextRange }
  | {
      type: 'turn_finished';
      state: TurnState;
      reason: string | null;
      follow_ups: string[];
      usage: TokenUsage;
    };

export type ClientCommand =
  | {
      type: 'ask';
      client_message_id: string;
      conversation_id: string | null;
      parent_turn_id: string | null;
      question: string;
      scope: { collection_ids: string[]; document_ids: string[] };
    }
  | { type: 'stop'; turn_id: string }
  | { type: 'follow'; turn_id: string; after: number }
  | { type: 'unfollow'; turn_id: string }
  | { type: 'watch_library' }
  | { type: 'unwatch_library' }
  | { type: 'ping' };

export type AskCommand = Extract<ClientCommand, { type: 'ask' }>;

export type ServerFrame =
  | { type: 'accepted'; client_message_id: string; conversation_id: string; turn_id: string }
  | { type: 'turn_event'; turn_id: string; number: number; event: AnswerEvent }
  | { type: 'document_changed'; document: DocumentRow }
  | { type: 'document_removed'; document_id: string }
  | ({ type: 'refused'; client_message_id: string | null; turn_id: string | null } & Problem)
  | { type: 'pong' };
