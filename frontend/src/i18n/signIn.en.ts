// English messages of signing in.

export const signIn = {
  title: 'Sign in',
  lead: 'Answers from your company’s documents, each claim linked to its place.',
  email: 'E-mail',
  password: 'Password',
  submit: 'Sign in',
  expired: 'Your session has ended. Sign in again; your draft is kept.',
  setup: 'Set up the first account with the link that the server printed.',
  with: (provider: string) => `Sign in with ${provider}`,
  or: 'or with a password',
  returned: {
    sso_refused: 'The sign-in could not be verified, so you were not signed in. Try again.',
    sso_cancelled: 'The sign-in was cancelled. Try again, or sign in with a password.',
    sso_unavailable: 'The company’s sign-in does not answer. Try again in a minute.',
    no_account: 'The company’s sign-in knows you, but you have no account here. Ask an administrator for one.',
    not_active: 'This account is not active. Ask an administrator.',
  } as Record<string, string> & { sso_refused: string },
};

export const sessions = {
  title: 'Where you are signed in',
  lead: 'If you do not know one of these, sign it out and choose a new password.',
  this: 'This browser',
  unknown: 'Unknown browser',
  seen: (time: string) => `Last seen ${time}`,
  opened: (time: string) => `signed in ${time}`,
  endOf: (device: string, time: string) => `Sign out: ${device}, signed in ${time}`,
  ended: 'Signed out there',
  everywhere: 'Sign out everywhere',
  everywhereAsk: 'All your browsers are signed out, this one too. API keys stay.',
};

export const setup = {
  title: 'Create the first account',
  lead: 'You become the administrator of this kbchat.',
  name: 'Your name',
  email: 'E-mail',
  password: 'Password',
  passwordHint: 'At least 12 characters',
  submit: 'Create account',
  noToken: 'The setup link is incomplete. Open the whole link that the server printed.',
  closed: 'This kbchat is already set up. Sign in instead.',
};
