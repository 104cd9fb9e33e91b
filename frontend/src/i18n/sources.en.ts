// English messages of sources and of who may read them.

export const sources = {
  title: 'Sources',
  searchedOnly: (n: number) => `Searched but not used (${n})`,
  citation: (n: number, title: string, page: number | null) =>
    page === null ? `source ${n}: ${title}` : `source ${n}: ${title}, page ${page}`,
  page: (n: number) => `page ${n}`,
  pageShort: (n: number) => `p. ${n}`,
  effective: (date: string) => `in force since ${date}`,
  open: 'Open source',
  card: 'Source preview',
  panel: 'Source',
  closePanel: 'Close source',
  previous: 'Previous citation',
  next: 'Next citation',
  position: (index: number, total: number) => `${index} of ${total}`,
  copyLink: 'Copy link to this passage',
  linkCopied: 'Link copied',
  openPage: 'Open on its own page',
  download: 'Download original',
  attributed: 'Found by comparing: the model did not name this passage, which says it.',
  newer: 'A newer version of this document is in force.',
  notInForce: 'This version is not in force.',
  showNewer: 'Show the version in force',
  changes: 'What has changed since',
  version: (n: number) => `Version ${n}`,
  uploadedBy: (name: string) => `uploaded by ${name}`,
  quote: 'Cited passage',
  pageView: 'Pages',
  textView: 'Text',
  view: 'View',
  pageOf: (n: number, total: number) => `Page ${n} of ${total}`,
  unavailable: 'This source is not available to you, or no longer exists.',
  pdfFailed: 'The pages cannot be shown here. The text is below.',
  ask: 'Ask about this document',
  empty: 'This version has no text.',
};

export const sections = {
  open: 'Close sections',
  title: (title: string) => `Sections of ${title}`,
  lead: 'What stands below a closed heading is neither found, quoted nor shown to the group, and its members cannot open the original file. It holds from the next question on.',
  list: 'Headings',
  none: 'This document has no headings.',
  gone: 'not in this version',
  closedTo: (name: string) => `closed to ${name}`,
  reopen: (heading: string, name: string) => `Open “${heading}” to ${name} again`,
  which: 'Heading',
  toWhom: 'Group',
  close: 'Close this section',
};

export const explain = {
  open: 'Who may read this',
  title: (title: string) => `Who may read “${title}”?`,
  lead: 'Give a person’s e-mail address. You are told what the next question of this person would be answered from, and why.',
  ask: 'Look it up',
  yes: 'May read it',
  partly: 'May read it, but not all of it',
  no: 'May not read it',
  because: 'Because',
};

export const asAnother = {
  open: 'View as somebody else',
  lead: 'You are shown the collections and documents that this person and you may both read. That you looked is recorded.',
  show: 'Show',
  person: 'E-mail address',
  banner: (person: string) => `As ${person} sees it: only what both of you may read. Nothing can be changed here.`,
  end: 'Back to my own view',
  none: 'There is nothing that both of you may read.',
};
