// Chinese messages of sources and of who may read them.
import type * as english from './sources.en';
import { spaced } from './spaced';

export const sources: typeof english.sources = {
  title: '来源',
  searchedOnly: (n) => `搜索到但未引用（${n}）`,
  citation: (n, title, page) => (page === null ? `来源 ${n}：${title}` : `来源 ${n}：${title}，第 ${page} 页`),
  page: (n) => `第 ${n} 页`,
  pageShort: (n) => `第 ${n} 页`,
  effective: (date) => `${date}起生效`,
  effectiveLater: (date) => `${date}起才生效`,
  open: '打开来源',
  card: '来源预览',
  panel: '来源',
  closePanel: '关闭来源',
  previous: '上一处引用',
  next: '下一处引用',
  position: (index, total) => `${index} / ${total}`,
  copyLink: '复制此段落的链接',
  linkCopied: '链接已复制',
  openPage: '在单独页面打开',
  download: '下载原文件',
  attributed: '模型没有注明这一段落，经比对找到：其内容与这句话相符。',
  newer: '这份文档已有新版本生效。',
  notYetInForce: '此版本尚未生效。',
  notInForce: '此版本已不再有效。',
  showNewer: '查看现行版本',
  changes: '此后有哪些更改',
  version: (n) => `第 ${n} 版`,
  uploadedBy: (name) => `由 ${name} 上传`,
  quote: '引用的段落',
  pageView: '页面',
  textView: '文本',
  view: '显示方式',
  pageOf: (n, total) => `第 ${n} 页，共 ${total} 页`,
  unavailable: '此来源您无权查看，或已不存在。',
  pdfFailed: '无法显示页面，以下是文本。',
  ask: '就这份文档提问',
  empty: '此版本没有文本。',
};

export const sections: typeof english.sections = {
  open: '关闭章节',
  title: (title) => `“${title}”的章节`,
  lead: '已关闭标题之下的内容不会被该群组搜索到、引用或看到，其成员也不能打开原始文件。从下一个问题起生效。',
  list: '章节标题',
  none: '该文档没有章节标题。',
  gone: '此版本中没有',
  closedTo: (name) => spaced`已对${name}关闭`,
  reopen: (heading, name) => spaced`对${name}重新开放“${heading}”`,
  which: '章节标题',
  toWhom: '群组',
  close: '关闭该章节',
};

export const explain: typeof english.explain = {
  open: '谁可以阅读',
  title: (title) => `谁可以阅读“${title}”？`,
  lead: '请输入一个人的电子邮箱地址。系统会说明此人的下一个问题能否用这份文档回答，以及原因。',
  ask: '查询',
  yes: '可以阅读',
  partly: '可以阅读，但不是全部',
  no: '不可以阅读',
  because: '原因',
};

export const asAnother: typeof english.asAnother = {
  open: '以他人身份查看',
  lead: '您将看到此人和您都有权阅读的文档集和文档。这次查看会被记录。',
  show: '查看',
  person: '电子邮箱地址',
  banner: (person) => `以 ${person} 的身份查看：仅显示你们双方都有权阅读的内容，不能在此修改。`,
  end: '返回我自己的视图',
  none: '没有你们双方都有权阅读的内容。',
};
