// The browser's side of passkeys. What it was asked and what it answers goes over the wire as JSON.
import { i18n } from '../i18n/i18n.svelte';
import { ApiError } from '../protocol/request';

type Asked = Record<string, unknown>;

export function knowsPasskeys(): boolean {
  return 'PublicKeyCredential' in window && 'parseCreationOptionsFromJSON' in PublicKeyCredential;
}

export function makePasskey(options: Asked): Promise<object> {
  const asked = options.publicKey as PublicKeyCredentialCreationOptionsJSON;
  return answered(() =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) }),
  );
}

export function usePasskey(options: Asked): Promise<object> {
  const asked = options.publicKey as PublicKeyCredentialRequestOptionsJSON;
  return answered(() =>
    navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) }),
  );
}

/** Whether somebody cancelled, or had none, the browser does not tell. */
async function answered(ask: () => Promise<Credential | null>): Promise<object> {
  const words = i18n.t.security.passkeys;
  try {
    const given = await ask();
    if (given instanceof PublicKeyCredential) return given.toJSON() as object;
  } catch (error) {
    const isKnown = error instanceof DOMException && error.name === 'InvalidStateError';
    throw told(isKnown ? words.knownHere : words.cancelled);
  }
  throw told(words.cancelled);
}

function told(message: string): ApiError {
  return new ApiError(0, { code: 'passkey', message, next_step: '' });
}
