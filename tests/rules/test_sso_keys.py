"""Which signatures of a provider's keys are believed: those of the key's own kind (RFC 8725, 3.1)."""

import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from kbchat.web.sso.oidc.tokens import provider_key, verified_id_token
from kbchat.web.sso.proofs import ProofRefused

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
P256, P384, P521 = (ec.generate_private_key(curve()) for curve in (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1))
ED25519 = ed25519.Ed25519PrivateKey.generate()
KIND: dict[type, Any] = {
    type(RSA): jwt.algorithms.RSAAlgorithm,
    type(P256): jwt.algorithms.ECAlgorithm,
    type(ED25519): jwt.algorithms.OKPAlgorithm,
}


def published(key: Any, **stated: str) -> dict[str, Any]:
    return {**json.loads(KIND[type(key)].to_jwk(key.public_key())), "kid": "first", **stated}


def is_believed(key: Any, algorithm: str, **stated: str) -> bool:
    now = int(time.time())
    claims = {
        "iss": "https://idp.example",
        "aud": "us",
        "iat": now,
        "exp": now + 300,
        "sub": "s",
        "nonce": "n",
    }
    token = jwt.encode(claims, key, algorithm, {"kid": "first"})
    try:
        verified_id_token(
            token,
            issuer="https://idp.example",
            client_id="us",
            find_key=lambda _: provider_key(published(key, **stated)),
            nonce="n",
        )
    except ProofRefused:
        return False
    return True


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        *((RSA, name) for name in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
        (P256, "ES256"),
        (P384, "ES384"),
        (P521, "ES512"),
        (ED25519, "EdDSA"),
    ],
)
def test_a_key_that_states_no_algorithm_signs_by_those_of_its_kind(key: Any, algorithm: str) -> None:
    """Entra ID and others state none."""
    assert is_believed(key, algorithm)
    assert is_believed(key, algorithm, alg=algorithm)


def test_a_key_that_states_one_signs_by_it_alone() -> None:
    assert not is_believed(RSA, "PS256", alg="RS256")
    assert not is_believed(RSA, "RS256", alg="RS512")


def test_a_curve_signs_by_its_own_hash_alone() -> None:
    keys = [provider_key(published(key)) for key in (P256, P384, P521)]
    assert [key and key.algorithms for key in keys] == [("ES256",), ("ES384",), ("ES512",)]


@pytest.mark.parametrize(
    "told",
    [{}, {"kty": "RSA"}, {"kty": "EC", "crv": "P-0"}, {"kty": "x"}, published(RSA, alg="ES256"), "a word", 7],
)
def test_what_nobody_can_use_is_no_key(told: Any) -> None:
    assert provider_key(told) is None


def test_a_shared_secret_is_no_key() -> None:
    assert provider_key({"kty": "oct", "k": "c2VjcmV0"}) is None
