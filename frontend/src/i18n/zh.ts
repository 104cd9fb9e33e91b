// 中文文案。类型与英文目录相同：缺一条就无法编译。
import type { Catalogue } from './en';
import { audit } from './audit.zh';
import { feedback } from './feedback.zh';
import { gaps } from './gaps.zh';
import { insights } from './insights.zh';
import { glossary } from './glossary.zh';
import { generations } from './generations.zh';
import { golden } from './golden.zh';
import { library, upload, versions, grants, encoding, days } from './library.zh';
import { notices } from './notices.zh';
import { people } from './people.zh';
import { security } from './security.zh';
import { signIn, sessions, setup } from './signIn.zh';
import { history, sharing, chat, notice, steps, outcome, scope, temporary } from './chat.zh';
import { sources, sections, explain, asAnother } from './sources.zh';
import { find } from './search.zh';
import { apiKeys } from './apiKeys.zh';

export const zh: Catalogue = {
  name: '中文',
  app: {
    skip: '跳到对话内容',
    skipMain: '跳到正文',
    newChat: '新对话',
    search: '搜索',
    library: '文档库',
    permissions: '权限',
    audit: '审计记录',
    system: '系统',
    retention: '保留与删除',
    sources: '来源',
    menu: '打开菜单',
    closeMenu: '关闭菜单',
    close: '关闭',
    cancel: '取消',
    undo: '撤销',
    undone: '已撤销',
    retry: '重试',
    loading: '正在加载',
    notFound: '页面不存在，或者您无权查看。',
    home: '去新对话',
    offline: '网络已断开，正在重新连接；您写的内容会保留。',
    notCopied: '浏览器不允许复制，请选中文字后自行复制。',
    lacksParts: '页面的一部分未能加载：kbchat 可能已更新。',
    reload: '刷新页面',
    reconnected: '已重新连接',
    navigation: '主导航',
  },
  account: {
    open: (name) => `账户：${name}`,
    language: '语言',
    theme: '外观',
    system: '跟随系统',
    light: '浅色',
    dark: '深色',
    signOut: '退出登录',
    apiKeys: 'API 密钥',
    shortcuts: '键盘快捷键',
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
    searching: '正在搜索',
    ready: (n) => `回答完成，${n} 处来源`,
    stopped: '回答已停止',
    refused: '文档中没有找到答案',
    failed: '回答失败',
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
    title: '键盘快捷键',
    newChat: '新对话',
    nextChat: '下一个对话',
    previousChat: '上一个对话',
    find: '搜索对话',
    focus: '输入问题',
    stop: '停止回答',
    copy: '复制最后一个回答',
    sidebar: '显示或隐藏侧栏',
    list: '显示本列表',
    citations: '来源面板中的上一处 / 下一处引用',
    enabled: '启用快捷键',
  },
  errors: {
    general: '操作没有成功。',
    offline: '无法连接服务器，请检查网络后重试。',
    notAllowed: '您无权执行此操作。',
    notFound: '不存在，或者您无权查看。',
    tooLarge: '文件太大。',
  },
};
