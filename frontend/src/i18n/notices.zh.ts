// Chinese messages of the notices inside the program.
import type { notices as english } from './notices.en';

export const notices: typeof english = {
  title: '通知',
  dismiss: '收起通知',
  readOn: '展开全文',
  more: (n) => `另有 ${n} 条通知`,
  fold: '折叠',
  resetAsked: (name, email) => `${name}（${email}）请求重设密码。此处不发送邮件：请生成链接并当面交给本人。`,
  gapAssigned: '有一个知识缺口交给了您：现有文档还不能回答的问题。',
  toGaps: '知识缺口',
  gapAnswered: (question) => `有文档可能回答了您的问题：“${question}”`,
  askAgain: '重新提问',
  toPeople: '人员与群组',
  toSecurity: '登录安全',
  notYou: '如果不是您本人操作，请立即重设密码，并告知管理员。',
  changed: {
    app_added: '已为您的账户添加身份验证器应用。',
    app_removed: '已从您的账户移除身份验证器应用。',
    passkey_added: '已为您的账户添加通行密钥。',
    passkey_removed: '已从您的账户移除通行密钥。',
    codes_made: '已为您的账户生成新的恢复码，旧的恢复码全部失效。',
    all_taken: '管理员已移除您账户的身份验证器应用和通行密钥。',
  },
};
