// Calls about what is kept for how long, held, deleted and erased.
import { query, request } from './request';
import type {
  CollectionDays,
  ConversationDays,
  DeletionReceipt,
  DocumentDays,
  ErasureReceipt,
  ForeseenConversations,
  ForeseenDocuments,
  LegalHold,
} from './types';

export const retentionCalls = {
  /** `until`: those deleted before; "" for the newest. */
  receipts: (until = '') => request<DeletionReceipt[]>('GET', `/deletion-receipts${until ? query({ until }) : ''}`),
  erasures: () => request<ErasureReceipt[]>('GET', '/erasure-receipts'),
  erase: (person: string) => request<ErasureReceipt>('POST', `/people/${person}/erasure`),
  holds: () => request<LegalHold[]>('GET', '/legal-holds'),
  hold: (what: 'documents' | 'people', id: string, reason: string) =>
    request<LegalHold>('POST', `/${what}/${id}/legal-holds`, { reason }),
  liftHold: (id: string) => request<undefined>('DELETE', `/legal-holds/${id}`),
  documentDays: () => request<CollectionDays[]>('GET', '/collection-retention'),
  foreseeDocuments: (collection: string, { removed_days, expired_days }: DocumentDays) =>
    request<ForeseenDocuments>(
      'GET',
      `/collections/${collection}/retention/foreseen${query({ removed_days, ...(expired_days === null ? {} : { expired_days }) })}`,
    ),
  keepDocumentsFor: (collection: string, days: DocumentDays) =>
    request<DocumentDays>('PUT', `/collections/${collection}/retention`, days),
  conversationDays: () => request<ConversationDays>('GET', '/conversation-retention'),
  foreseeConversations: (days: number) =>
    request<ForeseenConversations>('GET', `/conversation-retention/foreseen${query({ days })}`),
  keepConversationsFor: (days: number | null) =>
    request<ConversationDays>('PUT', '/conversation-retention', { days }),
};
