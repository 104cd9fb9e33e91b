import { expect, it } from 'vitest';
import { routeOf } from './router.svelte';

it.each([
  ['/', { page: 'chat', conversation: null }],
  ['/c/abc', { page: 'chat', conversation: 'abc' }],
  ['/search', { page: 'search' }],
  ['/library', { page: 'library', collection: null }],
  ['/library/x', { page: 'library', collection: 'x' }],
  ['/d/doc/ver', { page: 'document', document: 'doc', version: 'ver' }],
  ['/shared/tok_en-1', { page: 'shared', token: 'tok_en-1' }],
  ['/shared', { page: 'unknown' }],
  ['/d/doc', { page: 'unknown' }],
  ['/people', { page: 'people', showing: 'people' }],
  ['/people/groups', { page: 'people', showing: 'groups' }],
  ['/people/others', { page: 'unknown' }],
  ['/glossary', { page: 'glossary' }],
  ['/feedback', { page: 'feedback' }],
  ['/gaps', { page: 'gaps' }],
  ['/insights', { page: 'insights' }],
  ['/permissions', { page: 'permissions' }],
  ['/golden', { page: 'golden' }],
  ['/generations', { page: 'generations' }],
  ['/retention', { page: 'retention' }],
  ['/style', { page: 'style' }],
  ['/sources', { page: 'sources' }],
  ['/password', { page: 'password' }],
  ['/sessions', { page: 'sessions' }],
  ['/security', { page: 'security' }],
  ['/audit', { page: 'audit' }],
  ['/signin', { page: 'signin' }],
  ['/setup', { page: 'setup' }],
  ['/nothing/here', { page: 'unknown' }],
  ['/c/%zz', { page: 'unknown' }],
])('%s', (path, route) => {
  expect(routeOf(path)).toEqual(route);
});
