// Calls about what runs by schedule: sources and upkeep.
import { query, request } from './request';
import type { KeptSource, Schedule, SourceOpenings, SourceRun, SourceTrial, Trouble, Upkeep, UpkeepRun, UpkeepTask } from './types';

/** A source to be added; its place by the names of its kind's fields. */
export interface SourceWish {
  kind: KeptSource['kind'];
  name: string;
  place: Record<string, string>;
  secrets: Record<string, string>;
  permissions_from: KeptSource['permissions_from'];
  reader_group_ids: string[];
}

export const scheduledCalls = {
  sources: () => request<KeptSource[]>('GET', '/sources'),
  sourceOpenings: () => request<SourceOpenings>('GET', '/source-openings'),
  trySource: (collectionId: string, wish: Pick<SourceWish, 'kind' | 'place' | 'secrets'>) =>
    request<SourceTrial>('POST', `/collections/${collectionId}/source-trials`, wish),
  trySourceSecrets: (id: string, secrets: Record<string, string>) =>
    request<SourceTrial>('POST', `/sources/${id}/secret-trials`, secrets),
  addSource: (collectionId: string, wish: SourceWish) =>
    request<KeptSource>('POST', `/collections/${collectionId}/sources`, wish),
  removeSource: (id: string) => request<undefined>('DELETE', `/sources/${id}`),
  takeSourceOver: (id: string) => request<KeptSource>('POST', `/sources/${id}/keeper`),
  setSourceSecrets: (id: string, secrets: Record<string, string>) =>
    request<KeptSource>('PUT', `/sources/${id}/secrets`, secrets),
  chooseSourcePermissions: (id: string, permissions_from: KeptSource['permissions_from']) =>
    request<KeptSource>('PUT', `/sources/${id}/permissions`, { permissions_from }),
  startSource: (id: string, lets_go: string | null) =>
    request<KeptSource>('POST', `/sources/${id}/runs`, { lets_go }),
  cancelSource: (id: string) => request<KeptSource>('POST', `/sources/${id}/cancel`),
  sourceRuns: (id: string) => request<SourceRun[]>('GET', `/sources/${id}/runs`),
  sourceTroubles: (id: string) => request<Trouble[]>('GET', `/sources/${id}/troubles`),
  retrySourceItems: (id: string, items: number[] | null) =>
    request<{ count: number }>('POST', `/sources/${id}/retries`, { items }),
  previewSchedule: (expression: string, time_zone: string) =>
    request<Schedule>('GET', `/schedule${query({ expression, time_zone })}`),
  scheduleSource: (id: string, expression: string, time_zone: string) =>
    request<Schedule>('PUT', `/sources/${id}/schedule`, { expression, time_zone }),
  upkeep: () => request<Upkeep[]>('GET', '/upkeep'),
  scheduleUpkeep: (task: UpkeepTask, expression: string, time_zone: string) =>
    request<Upkeep>('PUT', `/upkeep/${task}/schedule`, { expression, time_zone }),
  unscheduleUpkeep: (task: UpkeepTask) => request<undefined>('DELETE', `/upkeep/${task}/schedule`),
  startUpkeep: (task: UpkeepTask) => request<Upkeep>('POST', `/upkeep/${task}/runs`),
  upkeepRuns: (task: UpkeepTask) => request<UpkeepRun[]>('GET', `/upkeep/${task}/runs`),
  unscheduleSource: (id: string) => request<undefined>('DELETE', `/sources/${id}/schedule`),
};
