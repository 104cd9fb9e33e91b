// Chinese messages of signing in.
import type * as english from './signIn.en';

export const signIn: typeof english.signIn = {
  title: '登录',
  lead: '答案来自公司文档，每个结论都能点回原文。',
  email: '邮箱',
  password: '密码',
  submit: '登录',
  expired: '登录已过期，请重新登录；草稿已保留。',
  setup: '请用服务器打印的链接创建第一个账户。',
  with: (provider) => `使用 ${provider} 登录`,
  or: '或使用密码登录',
  returned: {
    sso_refused: '无法核实本次登录，因此未能登录。请重试。',
    sso_cancelled: '登录已取消。请重试，或使用密码登录。',
    sso_unavailable: '公司的统一登录没有响应，请稍后重试。',
    no_account: '您已通过公司的统一登录，但在这里还没有账户。请联系管理员开通。',
    not_active: '此账户未启用。请联系管理员。',
  },
};

export const sessions: typeof english.sessions = {
  title: '已登录的设备',
  lead: '如果有您不认识的设备，请将其退出登录并更换密码。',
  this: '当前浏览器',
  unknown: '未知浏览器',
  seen: (time) => `最近使用：${time}`,
  opened: (time) => `登录时间：${time}`,
  endOf: (device, time) => `退出登录：${device}，登录时间 ${time}`,
  ended: '已在该设备退出登录',
  everywhere: '全部退出登录',
  everywhereAsk: '您的所有浏览器都将退出登录，包括当前浏览器。API 密钥不受影响。',
};

export const setup: typeof english.setup = {
  title: '创建第一个账户',
  lead: '您将成为这个 kbchat 的管理员。',
  name: '姓名',
  email: '邮箱',
  password: '密码',
  passwordHint: '至少 12 个字符',
  submit: '创建账户',
  noToken: '设置链接不完整，请打开服务器打印的完整链接。',
  closed: '这个 kbchat 已经设置完成，请直接登录。',
};
