// What the page begins with where nobody is signed in.
import type { Session } from '../src/protocol/types';

export const nobody: Session = {
  person: null,
  generating: false,
  model: null,
  setup_open: false,
  single_sign_on: null,
  takes_passkeys: false,
  second_factor: null,
  must_add_factor: false,
};
