"""A device with passkeys, as a browser would let a page use it; and one that lies."""

import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

Options = dict[str, Any]
_FLAGS = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


@dataclass
class Device:
    """Holds one passkey. `uses` None: it does not count."""

    origin: str = "http://localhost:8000"
    rp_id: str = "localhost"
    flags: AuthenticatorData.FLAG = _FLAGS
    uses: int | None = None
    user: bytes | None = None
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def credential(self) -> AttestedCredentialData:
        public = ES256.from_cryptography_key(self.key.public_key())
        return AttestedCredentialData.create(b"\0" * 16, self.credential_id, public)

    def make(self, options: Options) -> dict[str, Any]:
        """The answer to `navigator.credentials.create`."""
        asked = options["publicKey"]
        self.user = websafe_decode(asked["user"]["id"])
        data = AuthenticatorData.create(
            sha256(self.rp_id.encode()),
            self.flags | AuthenticatorData.FLAG.AT,
            self._counted(),
            self.credential,
        )
        client = CollectedClientData.create("webauthn.create", asked["challenge"], self.origin)
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client),
                "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
            }
        )

    def sign(self, options: Options, **changed: str) -> dict[str, Any]:
        """The answer to `navigator.credentials.get`; `changed`: what it puts in place of the truth."""
        asked = options["publicKey"] | changed
        data = AuthenticatorData.create(sha256(self.rp_id.encode()), self.flags, self._counted())
        client = CollectedClientData.create("webauthn.get", asked["challenge"], self.origin)
        signature = self.key.sign(data + sha256(client), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
                "userHandle": websafe_encode(self.user or b""),
            }
        )

    def _counted(self) -> int:
        if self.uses is None:
            return 0
        self.uses += 1
        return self.uses

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        named = websafe_encode(self.credential_id)
        return {
            "id": named,
            "rawId": named,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }
