// English messages of the page of permissions.
import { count } from './count';

export const permissions = {
  title: 'Permissions',
  lead: 'Who may do what in the collections that you own. Choose roles in the table; before anything changes you are shown whom it reaches.',
  table: 'Roles of groups in collections',
  group: 'Group',
  everyone: 'Everyone who signs in',
  none: 'No role',
  roles: { reader: 'Reader', editor: 'Editor', owner: 'Owner' },
  cell: (group: string, collection: string) => `${group} in ${collection}`,
  was: (role: string) => `was: ${role}`,
  people: (n: number) => count(n, 'person by name', 'people by name'),
  noGroups: 'There are no groups yet. An administrator makes them on the page “People and groups”.',
  changed: (n: number) => count(n, 'change, not made yet', 'changes, not made yet'),
  preview: 'See whom it reaches',
  discard: 'Discard',
  dialog: 'Before it changes',
  gain: (n: number) => count(n, 'person gains access', 'people gain access'),
  lose: (n: number) => count(n, 'person loses access', 'people lose access'),
  more: (n: number) => count(n, 'person may do more', 'people may do more'),
  less: (n: number) => count(n, 'person may do less', 'people may do less'),
  nobody: 'Nobody may do more or less than now: what changes, they have in another way as well.',
  lost: 'You yourself would own it no longer, and could not take this back.',
  apply: 'Change permissions',
  applied: 'The permissions are changed',
  asSomebody: 'To see what one person sees, choose “View as somebody else” in the library; why, “Who may read this” beside a document.',
};
