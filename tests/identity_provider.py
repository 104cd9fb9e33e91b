"""An identity provider of OpenID Connect that also lies: a real HTTP server on this machine with keys of its own.

It lets everybody in whom it is told to, and writes whatever it is told to write into what it signs.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

CLIENT_ID, CLIENT_SECRET = "kbchat-at-the-provider", "a secret of the two"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
MISSING = object()
"""The value of a claim that is to be left out."""


@dataclass(frozen=True)
class Lie:
    """How a token differs from a good one: `claims` and `header` replace, `key` is "own", "other" or "none"; the
    algorithm HS256 signs with what everybody knows, the public key."""

    claims: Mapping[str, Any] = field(default_factory=dict)
    header: Mapping[str, Any] = field(default_factory=dict)
    key: str = "own"
    algorithm: str = "RS256"


HONEST = Lie()


class IdentityProvider:
    """`person`: the claims of whoever is in front of it."""

    def __init__(self) -> None:
        self.issuer = ""
        self.person: dict[str, Any] = {}
        self.lie = HONEST
        self._own, self._other = _key(), _key()
        self._codes: dict[str, dict[str, str]] = {}

    def send_back(self, address: str) -> str:
        """What the browser does there: it comes with `address`, and goes on to what is returned."""
        wish = dict(parse_qsl(urlsplit(address).query))
        code = secrets.token_urlsafe(8)
        self._codes[code] = wish
        return f"{wish['redirect_uri']}?{urlencode({'code': code, 'state': wish['state']})}"

    def tokens(self, form: Mapping[str, str]) -> dict[str, Any] | None:
        """For a code, once, and only to whoever asked for it."""
        wish = self._codes.pop(form.get("code", ""), None)
        if wish is None or form.get("redirect_uri") != wish["redirect_uri"]:
            return None
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return None
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(proof).rstrip(b"=").decode() != wish.get("code_challenge"):
            return None
        claims = {**self._common(), **self.person, "nonce": wish.get("nonce")}
        return {"access_token": "a", "token_type": "Bearer", "id_token": self.signed(claims, self.lie)}

    def logout_token(self, lie: Lie = HONEST, **claims: Any) -> str:
        order = {**self._common(), "jti": secrets.token_urlsafe(8), "events": {LOGOUT_EVENT: {}}, **claims}
        return self.signed(
            order, Lie(lie.claims, {"typ": "logout+jwt", **lie.header}, lie.key, lie.algorithm)
        )

    def signed(self, claims: Mapping[str, Any], lie: Lie) -> str:
        told = {name: value for name, value in {**claims, **lie.claims}.items() if value is not MISSING}
        header = {"kid": "first", **lie.header}
        if lie.key == "none":
            return jwt.encode(told, None, algorithm="none", headers=header)
        if lie.algorithm == "HS256":
            return _signed_with_the_public_key(told, header, self.keys())
        return jwt.encode(told, self._own if lie.key == "own" else self._other, lie.algorithm, header)

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._own.public_key()))
        return {"keys": [public | {"kid": "first", "use": "sig", "alg": "RS256"}]}

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def _common(self) -> dict[str, Any]:
        now = int(time.time())
        return {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300}


@contextmanager
def running_provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            match urlsplit(self.path).path:
                case "/.well-known/openid-configuration":
                    self._tell(200, provider.configuration())
                case "/keys":
                    self._tell(200, provider.keys())
                case "/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider.send_back(self.path))
                    self.end_headers()
                case _:
                    self._tell(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            tokens = provider.tokens({name: values[0] for name, values in parse_qs(body).items()})
            self._tell(200 if tokens else 400, tokens or {"error": "invalid_grant"})

        def _tell(self, status: int, document: dict[str, Any]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _key() -> RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _signed_with_the_public_key(claims: Mapping[str, Any], header: Mapping[str, Any], keys: Any) -> str:
    """What a verifier accepts that lets the token choose the kind of its key."""
    import hmac

    def part(value: object) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = jwt.PyJWK(keys["keys"][0]).key
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    said = part({**header, "alg": "HS256", "typ": header.get("typ", "JWT")}) + b"." + part(claims)
    proof = hmac.new(secret, said, hashlib.sha256).digest()
    return (said + b"." + base64.urlsafe_b64encode(proof).rstrip(b"=")).decode()
