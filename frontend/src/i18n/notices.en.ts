// English messages of the notices inside the program.
import { count } from './count';

export const notices = {
  title: 'Notices',
  dismiss: 'Put the notice away',
  readOn: 'Read on',
  more: (n: number) => count(n, 'more notice', 'more notices'),
  fold: 'Show less',
  resetAsked: (name: string, email: string) =>
    `${name} (${email}) asks for a new password. No mail is sent here: make a link and hand it over to ${name} in person.`,
  gapAssigned: 'A knowledge gap was given to you: a question that nobody’s documents answer yet.',
  toGaps: 'Knowledge gaps',
  gapAnswered: (question: string) => `A document is said to answer what you asked: “${question}”`,
  askAgain: 'Ask again',
  toPeople: 'People and groups',
  toSecurity: 'Sign-in security',
  notYou: 'If it was not you, choose a new password at once, and tell an administrator.',
  changed: {
    app_added: 'An authenticator app was added to your account.',
    app_removed: 'The authenticator app was removed from your account.',
    passkey_added: 'A passkey was added to your account.',
    passkey_removed: 'A passkey was removed from your account.',
    codes_made: 'New recovery codes were made for your account; the earlier ones are void.',
    all_taken: 'An administrator has taken the authenticator app and the passkeys away from your account.',
  },
};
