// 权限页的中文文案。
import type { permissions as english } from './permissions.en';

export const permissions: typeof english = {
  title: '权限',
  lead: '在您拥有的文档集中，谁可以做什么。请在表格中选择角色；更改之前会先显示影响到哪些人。',
  table: '各群组在各文档集中的角色',
  group: '群组',
  everyone: '所有登录的人',
  none: '无权限',
  roles: { reader: '读者', editor: '编辑者', owner: '所有者' },
  cell: (group, collection) => `${group}：${collection}`,
  was: (role) => `原为：${role}`,
  people: (n) => `另有 ${n} 人单独获权`,
  noGroups: '还没有群组。管理员可以在“人员与群组”页面新建。',
  changed: (n) => `${n} 处更改尚未生效`,
  preview: '查看影响范围',
  discard: '放弃更改',
  dialog: '更改前确认',
  gain: (n) => `${n} 人获得访问权限`,
  lose: (n) => `${n} 人失去访问权限`,
  more: (n) => `${n} 人权限增加`,
  less: (n) => `${n} 人权限减少`,
  nobody: '没有人的权限因此增减：更改的部分，他们已通过其他途径获得。',
  lost: '您自己将不再是所有者，也无法撤回此更改。',
  apply: '更改权限',
  applied: '权限已更改',
  asSomebody: '要查看某个人能看到什么，请在文档库中选择“以他人身份查看”；要了解原因，请在文档旁选择“谁可以阅读”。',
};
