// Every HTTP call the page makes, by name.
import type { ChosenScope } from '../chat/scope';
import { query, request } from './request';
import { retentionCalls } from './retentionCalls';
import { scheduledCalls } from './scheduledCalls';
import type {
  AppOffer,
  AuditChain,
  AuditEvent,
  ApiKey,
  Answerer,
  Changes,
  Check,
  Cancelled,
  Collection,
  ConversationDetail,
  ConversationExport,
  ConversationRow,
  DocumentDetail,
  DocumentRow,
  Explanation,
  Factors,
  Feedback,
  FeedbackReport,
  ForeseenRights,
  FoundAgain,
  Gap,
  GapReport,
  GapReportWish,
  GapWish,
  GlossaryEntry,
  Generations,
  GoldenComparison,
  LostSentence,
  GoldenProgress,
  GoldenQuestion,
  GoldenRun,
  GoldenRunDetail,
  GoldenWish,
  Grant,
  Group,
  GroupDetail,
  HandedLink,
  Insights,
  Language,
  NewPerson,
  KeyScope,
  NewApiKey,
  Notice,
  NewCodes,
  OpenSession,
  Opinion,
  PageBox,
  PassageRow,
  PasskeyOptions,
  PeoplePage,
  Setting,
  PersonRow,
  PersonWish,
  PrincipalKind,
  RightsChange,
  RightsTable,
  Role,
  NewShare,
  ScopeChoices,
  SearchComparison,
  SearchExplanation,
  SearchResult,
  Section,
  Session,
  Share,
  SharedConversation,
  VersionContent,
  DeletedDocuments,
  VersionReport,
} from './types';

/** What a search is narrowed to, but for single documents. */
const narrowing = ({ collections, documents, kinds, languages, since, until }: ChosenScope): Record<string, string | string[]> => ({
  collection: collections,
  document: documents,
  kind: kinds,
  language: languages,
  ...(since && { since }),
  ...(until && { until }),
});

/** Of a search, in place of what is in force; what is left out stays as it is. */
export interface TriedSettings {
  legs: Legs;
  dense_weight?: number;
  temperature?: number;
  reranker: 'true' | 'false';
}

export type Legs = 'both' | 'dense' | 'lexical';

/** What is asked of the audit trail; what is left out is not asked for. Times are ISO 8601. */
export interface AuditWish {
  actor?: string;
  action?: string;
  since?: string;
  until?: string;
}

export const api = {
  ...retentionCalls,
  ...scheduledCalls,
  session: () => request<Session>('GET', '/session'),
  signIn: (email: string, password: string) => request<Session>('POST', '/session', { email, password }),
  signInWithCode: (code: string) => request<Session>('POST', '/session/code', { code }),
  passkeyToSignIn: () => request<PasskeyOptions>('POST', '/session/passkey/options'),
  signInWithPasskey: (credential: object) => request<Session>('POST', '/session/passkey', { credential }),
  prove: (password: string, code: string) => request<undefined>('POST', '/session/proof', { password, code }),
  passkeyToProve: () => request<PasskeyOptions>('POST', '/session/proof/passkey/options'),
  proveWithPasskey: (credential: object) => request<undefined>('POST', '/session/proof/passkey', { credential }),
  signOut: () => request<undefined>('DELETE', '/session'),
  beginSingleSignOn: (nextPath: string) =>
    request<{ address: string }>('POST', '/session/single-sign-on', { next_path: nextPath }),
  sessions: () => request<OpenSession[]>('GET', '/sessions'),
  endSession: (id: string) => request<undefined>('DELETE', `/sessions/${id}`),
  endSessions: () => request<undefined>('DELETE', '/sessions'),
  setLanguage: (language: Language) => request<Session>('PATCH', '/session', { language }),
  setUp: (token: string, email: string, name: string, password: string) =>
    request<Session>('POST', '/setup', { token, email, name, password }),

  factors: () => request<Factors>('GET', '/factors'),
  offerApp: () => request<AppOffer>('POST', '/factors/app/offer'),
  addApp: (sealed: string, code: string) => request<NewCodes>('POST', '/factors/app', { sealed, code }),
  removeApp: () => request<undefined>('DELETE', '/factors/app'),
  renewCodes: () => request<NewCodes>('POST', '/factors/codes'),
  newPasskey: () => request<PasskeyOptions>('POST', '/factors/passkeys/options'),
  addPasskey: (name: string, credential: object) =>
    request<NewCodes>('POST', '/factors/passkeys', { name, credential }),
  removePasskey: (id: string) => request<undefined>('DELETE', `/factors/passkeys/${id}`),

  forgotPassword: (email: string) => request<{ is_mailed: boolean }>('POST', '/password-resets', { email }),
  choosePassword: (token: string, password: string) => request<undefined>('POST', '/passwords', { token, password }),

  people: (text: string, start: number, limit: number) =>
    request<PeoplePage>('GET', `/people${query({ q: text, start, limit })}`),
  invite: (wish: NewPerson) => request<HandedLink>('POST', '/people', wish),
  changePerson: (id: string, wish: Partial<PersonWish>) => request<PersonRow>('PATCH', `/people/${id}`, wish),
  newLink: (id: string) => request<HandedLink>('POST', `/people/${id}/link`),
  takeFactors: (id: string) => request<undefined>('DELETE', `/people/${id}/factors`),
  group: (id: string) => request<GroupDetail>('GET', `/groups/${id}`),
  createGroup: (name: string) => request<GroupDetail>('POST', '/groups', { name }),
  renameGroup: (id: string, name: string) => request<GroupDetail>('PATCH', `/groups/${id}`, { name }),
  deleteGroup: (id: string) => request<undefined>('DELETE', `/groups/${id}`),
  addMember: (id: string, person: string) =>
    request<GroupDetail>('POST', `/groups/${id}/members`, { person_id: person }),
  removeMember: (id: string, person: string) => request<GroupDetail>('DELETE', `/groups/${id}/members/${person}`),
  includeGroup: (id: string, included: string) =>
    request<GroupDetail>('POST', `/groups/${id}/included`, { included_id: included }),
  excludeGroup: (id: string, included: string) =>
    request<GroupDetail>('DELETE', `/groups/${id}/included/${included}`),
  apiKeys: () => request<ApiKey[]>('GET', '/api-keys'),
  createApiKey: (name: string, scopes: KeyScope[], collection_ids: string[] | null, expires_at: string) =>
    request<NewApiKey>('POST', '/api-keys', { name, scopes, collection_ids, expires_at }),
  revokeApiKey: (keyId: string) => request<undefined>('DELETE', `/api-keys/${keyId}`),

  collections: () => request<Collection[]>('GET', '/collections'),
  createCollection: (name: string, description: string) =>
    request<Collection>('POST', '/collections', { name, description }),
  notices: () => request<Notice[]>('GET', '/notices'),
  dismissNotice: (id: string) => request<undefined>('DELETE', `/notices/${id}`),
  glossary: () => request<GlossaryEntry[]>('GET', '/glossary'),
  addGlossaryEntry: (names: string[]) => request<GlossaryEntry>('POST', '/glossary', { names }),
  changeGlossaryEntry: (id: string, names: string[]) => request<GlossaryEntry>('PATCH', `/glossary/${id}`, { names }),
  removeGlossaryEntry: (id: string) => request<undefined>('DELETE', `/glossary/${id}`),
  health: () => request<Check[]>('GET', '/system/health'),
  settings: () => request<Setting[]>('GET', '/system/settings'),
  generations: () => request<Generations>('GET', '/generations'),
  requestBuild: (encoder: string) => request<undefined>('POST', `/generation-builds${query({ encoder })}`),
  pauseBuild: (id: string) => request<undefined>('POST', `/generation-builds/${id}/pause`),
  resumeBuild: (id: string) => request<undefined>('POST', `/generation-builds/${id}/resume`),
  cancelBuild: (id: string) => request<undefined>('DELETE', `/generation-builds/${id}`),
  compareGolden: (id: number, active: number) =>
    request<GoldenComparison>('GET', `/generations/${id}/golden${query({ with_generation: active })}`),
  putInForce: (id: number, active: number, reason: string) =>
    request<undefined>('POST', `/generations/${id}/in-force`, { instead_of: active, reason }),
  lostSentences: (id: number) => request<LostSentence[]>('GET', `/generations/${id}/lost-sentences`),
  dropGeneration: (id: number) => request<undefined>('DELETE', `/generations/${id}`),
  goldenQuestions: () => request<GoldenQuestion[]>('GET', '/golden-questions'),
  keepGoldenQuestion: (wish: GoldenWish) => request<GoldenQuestion>('POST', '/golden-questions', wish),
  changeGoldenQuestion: (id: string, wish: GoldenWish) =>
    request<GoldenQuestion>('PATCH', `/golden-questions/${id}`, wish),
  removeGoldenQuestion: (id: string) => request<undefined>('DELETE', `/golden-questions/${id}`),
  goldenRuns: () => request<GoldenRun[]>('GET', '/golden-runs'),
  goldenRun: (id: string) => request<GoldenRunDetail>('GET', `/golden-runs/${id}`),
  startGoldenRun: (generation?: number) =>
    request<GoldenProgress>('POST', `/golden-runs${query(generation === undefined ? {} : { generation_id: generation })}`),
  continueGoldenRun: (id: string) => request<GoldenProgress>('POST', `/golden-runs/${id}/steps`),
  permissions: () => request<RightsTable>('GET', '/permissions'),
  previewPermissions: (changes: RightsChange[]) => request<ForeseenRights[]>('POST', '/permissions/preview', { changes }),
  changePermissions: (changes: RightsChange[]) => request<RightsTable>('PATCH', '/permissions', { changes }),
  groups: () => request<Group[]>('GET', '/groups'),
  grants: (collectionId: string) => request<Grant[]>('GET', `/collections/${collectionId}/grants`),
  addGrant: (collectionId: string, kind: PrincipalKind, id: string | null, role: Role) =>
    request<Grant>('POST', `/collections/${collectionId}/grants`, { kind, id, role }),
  removeGrant: (grantId: string) => request<undefined>('DELETE', `/grants/${grantId}`),

  documents: (collectionId: string) => request<DocumentRow[]>('GET', `/collections/${collectionId}/documents`),
  document: (documentId: string) => request<DocumentDetail>('GET', `/documents/${documentId}`),
  retryDocument: (documentId: string) => request<DocumentRow>('POST', `/documents/${documentId}/retry`),
  cancelDocument: (documentId: string) => request<DocumentRow>('POST', `/documents/${documentId}/cancel`),
  cancelCollection: (collectionId: string) => request<Cancelled>('POST', `/collections/${collectionId}/cancel`),
  chooseEncoding: (documentId: string, encoding: string) =>
    request<DocumentRow>('POST', `/documents/${documentId}/encoding`, { encoding }),
  moveDocument: (documentId: string, collectionId: string) =>
    request<DocumentRow>('POST', `/documents/${documentId}/move`, { collection_id: collectionId }),
  setDays: (versionId: string, effective_from: string, expires_on: string | null) =>
    request<DocumentRow>('PUT', `/versions/${versionId}/days`, { effective_from, expires_on }),
  deleteDocument: (documentId: string) => request<undefined>('DELETE', `/documents/${documentId}`),
  restoreDocument: (documentId: string) => request<DocumentRow>('POST', `/documents/${documentId}/restore`),
  deletedDocuments: (collectionId: string) =>
    request<DeletedDocuments>('GET', `/collections/${collectionId}/deleted-documents`),
  content: (versionId: string) => request<VersionContent>('GET', `/versions/${versionId}/content`),
  boxes: (versionId: string, start: number, end: number) =>
    request<PageBox[]>('GET', `/versions/${versionId}/boxes${query({ start, end })}`),
  passages: (versionId: string) => request<PassageRow[]>('GET', `/versions/${versionId}/passages`),
  report: (versionId: string) => request<VersionReport>('GET', `/versions/${versionId}/report`),
  /** `other`: a version of the same document; without it, the one that answers today. */
  changes: (versionId: string, other: string) =>
    request<Changes>('GET', `/versions/${versionId}/changes${other ? query({ other_version_id: other }) : ''}`),
  silencePassage: (versionId: string, start: number, end: number, isSilenced: boolean) =>
    request<undefined>('PUT', `/versions/${versionId}/passages`, { start, end, is_silenced: isSilenced }),
  sections: (documentId: string) => request<Section[]>('GET', `/documents/${documentId}/sections`),
  closeSection: (sectionId: string, groupId: string) =>
    request<undefined>('POST', `/sections/${sectionId}/closures`, { kind: 'group', id: groupId }),
  reopenSection: (closureId: string) => request<undefined>('DELETE', `/closures/${closureId}`),
  confirmVersion: (versionId: string) => request<undefined>('POST', `/versions/${versionId}/confirm`),
  explain: (versionId: string, person: string) =>
    request<Explanation>('GET', `/versions/${versionId}/explanation${query({ person })}`),
  collectionsAs: (person: string) => request<Collection[]>('GET', `/as/collections${query({ person })}`),
  documentsAs: (person: string, collectionId: string) =>
    request<DocumentRow[]>('GET', `/as/collections/${collectionId}/documents${query({ person })}`),

  audit: (wish: AuditWish, before: number | null) =>
    request<AuditEvent[]>('GET', `/audit${query({ ...wish, ...(before === null ? {} : { before }) })}`),
  auditChain: () => request<AuditChain>('GET', '/audit/chain'),
  auditExportAddress: (wish: AuditWish) => `/api/v1/audit/export${query({ ...wish })}`,

  /** Of a picture that browsers do not show, drawn by the server. */
  pageAddress: (versionId: string, page: number) => `/api/v1/versions/${versionId}/pages/${page}`,
  originalAddress: (versionId: string) => `/api/v1/versions/${versionId}/original`,

  explainSearch: (text: string, scope: ChosenScope, limit: number) =>
    request<SearchExplanation>('GET', `/search/explanation${query({ q: text, ...narrowing(scope), limit })}`),
  compareSearches: (text: string, scope: ChosenScope, limit: number, tried: TriedSettings) =>
    request<SearchComparison>(
      'GET',
      `/search/comparison${query({ q: text, ...narrowing(scope), limit, ...tried })}`,
    ),
  /** `day`: what answered then, as YYYY-MM-DD; "" for today. */
  search: (text: string, scope: ChosenScope, limit: number, day = '') =>
    request<SearchResult>(
      'GET',
      `/search${query({ q: text, ...narrowing(scope), limit, ...(day && { as_of: day }) })}`,
    ),
  scopeChoices: () => request<ScopeChoices>('GET', '/search/choices'),

  conversations: (text = '') => request<ConversationRow[]>('GET', `/conversations${text ? query({ q: text }) : ''}`),
  conversation: (id: string) => request<ConversationDetail>('GET', `/conversations/${id}`),
  changeConversation: (id: string, wish: { title?: string; is_pinned?: boolean }) =>
    request<ConversationRow>('PATCH', `/conversations/${id}`, wish),
  deleteConversation: (id: string) => request<undefined>('DELETE', `/conversations/${id}`),
  exported: (id: string, turn: string) =>
    request<ConversationExport>('GET', `/conversations/${id}/json${turn ? query({ turn_id: turn }) : ''}`),
  exportAddress: (id: string, turn: string, format: 'markdown' | 'json') =>
    `/api/v1/conversations/${id}/${format}${turn ? query({ turn_id: turn }) : ''}`,
  shares: (id: string) => request<Share[]>('GET', `/conversations/${id}/shares`),
  share: (id: string, days: number) => request<NewShare>('POST', `/conversations/${id}/shares`, { days }),
  endShare: (shareId: string) => request<undefined>('DELETE', `/shares/${shareId}`),
  shared: (token: string) => request<SharedConversation>('GET', `/shared/${encodeURIComponent(token)}`),
  giveFeedback: (conversation: string, turn: string, opinion: Opinion) =>
    request<Feedback>('POST', `/conversations/${conversation}/turns/${turn}/feedback`, opinion),
  takeFeedbackBack: (conversation: string, turn: string) =>
    request<undefined>('DELETE', `/conversations/${conversation}/turns/${turn}/feedback`),
  feedback: () => request<FeedbackReport>('GET', '/feedback'),
  insights: (days: string, group: string) =>
    request<Insights>('GET', `/insights${query({ days, ...(group ? { group_id: group } : {}) })}`),
  insightsExportAddress: (days: string, group: string, table: 'days' | 'documents') =>
    `/api/v1/insights/export${query({ days, table, ...(group ? { group_id: group } : {}) })}`,
  gapReports: () => request<GapReport[]>('GET', '/gap-reports'),
  reportGap: (conversation: string, turn: string, wish: GapReportWish) =>
    request<GapReport>('POST', `/conversations/${conversation}/turns/${turn}/gap-report`, wish),
  withdrawGap: (conversation: string, turn: string) =>
    request<undefined>('DELETE', `/conversations/${conversation}/turns/${turn}/gap-report`),
  gaps: () => request<Gap[]>('GET', '/gaps'),
  changeGap: (id: string, wish: Partial<GapWish> & Pick<GapWish, 'state'>) => request<Gap>('PATCH', `/gaps/${id}`, wish),
  answerers: (id: string) => request<Answerer[]>('GET', `/gaps/${id}/answerers`),
  askGapAgain: (id: string) => request<FoundAgain>('POST', `/gaps/${id}/search`),
  starters: () => request<{ question: string }[]>('GET', '/starters'),
};
