// English messages. The shape of this object is the catalogue's type: a missing Chinese message does not compile.
import { audit } from './audit.en';
import { count } from './count';
import { feedback } from './feedback.en';
import { gaps } from './gaps.en';
import { insights } from './insights.en';
import { glossary } from './glossary.en';
import { generations } from './generations.en';
import { golden } from './golden.en';
import { library, upload, versions, grants, encoding, days } from './library.en';
import { notices } from './notices.en';
import { people } from './people.en';
import { security } from './security.en';
import { signIn, sessions, setup } from './signIn.en';
import { history, sharing, chat, notice, steps, outcome, scope, temporary } from './chat.en';
import { sources, sections, explain, asAnother } from './sources.en';
import { find } from './search.en';
import { apiKeys } from './apiKeys.en';

export const en = {
  name: 'English',
  app: {
    skip: 'Skip to the conversation',
    skipMain: 'Skip to the content',
    newChat: 'New chat',
    search: 'Search',
    library: 'Library',
    permissions: 'Permissions',
    audit: 'Audit trail',
    system: 'System',
    retention: 'Retention',
    sources: 'Sources',
    menu: 'Open menu',
    closeMenu: 'Close menu',
    close: 'Close',
    cancel: 'Cancel',
    undo: 'Undo',
    undone: 'Undone',
    retry: 'Try again',
    loading: 'Loading',
    notFound: 'This page does not exist, or you may not see it.',
    home: 'Go to a new chat',
    offline: 'No connection. Trying again; what you write is kept.',
    notCopied: 'The browser did not let it be copied. Select the text and copy it yourself.',
    lacksParts: 'A part of this page could not be loaded: kbchat may have been updated.',
    reload: 'Reload the page',
    reconnected: 'Connected again',
    navigation: 'Main navigation',
  },
  account: {
    open: (name: string) => `Account: ${name}`,
    language: 'Language',
    theme: 'Appearance',
    system: 'System',
    light: 'Light',
    dark: 'Dark',
    signOut: 'Sign out',
    shortcuts: 'Keyboard shortcuts',
    apiKeys: 'API keys',
  },
  signIn,
  sessions,
  setup,
  history,
  sharing,
  chat,
  notice,
  steps,
  status: {
    searching: 'Searching',
    ready: (n: number) => `Answer ready, ${count(n, 'source', 'sources')}`,
    stopped: 'Answer stopped',
    refused: 'No answer found in your documents',
    failed: 'The answer failed',
  },
  outcome,
  scope,
  temporary,
  sources,
  sections,
  explain,
  asAnother,
  audit,
  find,
  library,
  encoding,
  days,
  upload,
  versions,
  grants,
  feedback,
  gaps,
  insights,
  glossary,
  generations,
  golden,
  notices,
  people,
  security,
  apiKeys,
  shortcuts: {
    title: 'Keyboard shortcuts',
    newChat: 'New chat',
    nextChat: 'Next conversation',
    previousChat: 'Previous conversation',
    find: 'Search conversations',
    focus: 'Write a question',
    stop: 'Stop the answer',
    copy: 'Copy the last answer',
    sidebar: 'Show or hide the sidebar',
    list: 'This list',
    citations: 'Previous / next citation in the source panel',
    enabled: 'Shortcuts are on',
  },
  errors: {
    general: 'That did not work.',
    offline: 'The server cannot be reached. Check the connection and try again.',
    notAllowed: 'You may not do this.',
    notFound: 'It does not exist, or you may not see it.',
    tooLarge: 'The file is too large.',
  },
};

export type Catalogue = typeof en;
