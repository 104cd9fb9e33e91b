// The wire between page and server, by the names that the page uses. The shapes themselves are generated from the server's
// (`manage.py export_schemas`, then `npm run types`). Offsets are Unicode code points, never UTF-16 units.
import type { components } from './generated';

type Schemas = components['schemas'];

export type {
  AnswerEvent,
  Answerer,
  ApiKey,
  AppOffer,
  Cancelled,
  DeletedDocument,
  DeletedDocuments,
  DeletionReceipt,
  AskCommand,
  AuditChain,
  AuditEvent,
  ClientCommand,
  Collection,
  CollectionDays,
  ContentBlock,
  ConversationDays,
  DayFigures,
  Figures,
  ConversationDetail,
  ConversationExport,
  ConversationRow,
  DocumentDays,
  DocumentDetail,
  DocumentRow,
  DocumentVersion,
  ErasureReceipt,
  ExplainedPassage,
  Explanation,
  Factors,
  ExpectedPlace,
  Feedback,
  Build,
  Change,
  Changes,
  Check,
  Checks,
  Generation,
  Generations,
  GoldenComparison,
  LostSentence,
  FeedbackReport,
  ForeseenConversations,
  ForeseenDocuments,
  CollectionColumn,
  ForeseenRights,
  FoundAgain,
  Gap,
  GapReport,
  GapWish,
  GlossaryEntry,
  GoldenProgress,
  GoldenQuestion,
  GoldenRun,
  RightsChange,
  RightsRow,
  RightsTable,
  GoldenRunDetail,
  MeasuredQuestion,
  QuestionFigures,
  Grant,
  Group,
  GroupDetail,
  HandedLink,
  Insights,
  KeptSource,
  KeyScope,
  LegalHold,
  NewApiKey,
  Notice,
  NewCodes,
  NewShare,
  NumberedEvent,
  OpenSession,
  PageBox,
  PassageRow,
  PasskeyOptions,
  PeoplePage,
  Person,
  PersonRow,
  PersonWish,
  NewPerson,
  Problem,
  Refusal,
  Schedule,
  Scope,
  ScopeChoices,
  SearchComparison,
  SearchExplanation,
  SearchResult,
  SecondFactorWays,
  Section,
  ServerFrame,
  Session,
  Setting,
  Share,
  SharedConversation,
  Source,
  SourcesFound,
  SourceOpenings,
  SourceRun,
  SourceTrial,
  TextRange,
  TokenUsage,
  Trouble,
  Turn,
  Upkeep,
  UpkeepRun,
  UploadOutcome,
  VersionContent,
  VersionReport,
} from './generated';

export type Language = Schemas['Person']['language'];
export type AuditAction = Schemas['AuditEvent']['action'];
export type FileKind = Schemas['Scope']['kinds'][number];
export type DocumentLanguage = Schemas['Scope']['languages'][number];
export type Role = Schemas['Collection']['role'];
export type PrincipalKind = Schemas['Principal']['kind'];
export type DocumentState = Schemas['DocumentRow']['state'];
export type Citation = Omit<Schemas['CitationAdded'], 'type'>;
export type Disagreement = Omit<Schemas['SourcesDisagree'], 'type'>;
export type Decision = Schemas['Decided']['decision'];
export type Support = Schemas['SentenceVerified']['state'];
export type Strategy = Schemas['TurnStarted']['strategy'];
export type UpkeepTask = Schemas['Upkeep']['task'];
export type InForce = Schemas['InForce'];
export type GoldenWish = Schemas['QuestionWish'];
export type FeedbackReason = Schemas['Feedback']['reasons'][number];
export type Opinion = Schemas['OpinionWish'];
export type GapReportWish = Schemas['ReportWish'];
/** How a turn ended. */
export type TurnState = Schemas['TurnFinished']['state'];
