// Chinese messages of the glossary page.
import type { glossary as english } from './glossary.en';

export const glossary: typeof english = {
  title: '术语表',
  lead: '公司对各种事物的叫法。用其中一个名称提问，也能找到文档里用另一个名称写的内容；从下一个问题起对所有人生效。',
  add: '添加词条',
  editTitle: '编辑词条',
  edit: (name) => `编辑“${name}”`,
  remove: (name) => `删除“${name}”`,
  removeTitle: '删除词条？',
  removeAsk: (name) => `之后关于“${name}”的问题只能找到用词相同的内容。`,
  removed: (name) => `已删除“${name}”`,
  saved: (name) => `已保存“${name}”`,
  save: '保存',
  find: '查找词条',
  none: '还没有词条。可以先添加一个人人在用、文档却没有解释的缩写。',
  noneMatch: '没有匹配的词条。',
  names: '同一事物的名称',
  hint: '每行一个：缩写、全称、同义词、另一种语言的名称。第一个是常用名称。',
  example: 'PTO\n带薪休假\npaid time off',
};
