"""An identity provider of SAML that also lies. It has no server: a browser carries everything there and back.

It signs by hand, with lxml's canonical form and cryptography's keys: what verifies its signatures is another program.
"""

import secrets
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from html import escape
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, Hash, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

ENTITY_ID = "https://login.example.com/saml"
SIGN_IN_ADDRESS = "https://login.example.com/saml/sign-in?company=1"
LOGOUT_ADDRESS = "https://login.example.com/saml/logout"
SAMLP, SAML = "urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
RSA_SHA1 = f"{DS}rsa-sha1"
HMAC_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
_DIGESTS: dict[str, Callable[[], HashAlgorithm]] = {
    "http://www.w3.org/2001/04/xmlenc#sha256": SHA256,
    f"{DS}sha1": SHA1,
}
SHA256_DIGEST, SHA1_DIGEST = _DIGESTS
Xml = Any


@dataclass(frozen=True)
class Parts:
    """What stands in an answer; an attribute that is None is left out. `subject` and `conditions` are markup."""

    destination: str | None
    recipient: str | None
    in_response_to: str | None
    confirmed_in_response_to: str | None
    audiences: tuple[str, ...]
    assertion_id: str
    subject: str
    attributes: Mapping[str, tuple[str, ...]]
    session: str | None
    issuer: str = ENTITY_ID
    response_issuer: str = ENTITY_ID
    version: str = "2.0"
    name_format: str | None = PERSISTENT
    name_qualifier: str | None = None
    method: str = BEARER
    issued: str | None = "+0"
    not_before: str | None = "-30"
    confirmed_not_before: str | None = None
    confirmed_until: str | None = "+120"
    until: str | None = "+120"
    session_until: str | None = None
    conditions: str = ""
    status: str = f'<samlp:StatusCode Value="{SUCCESS}"/>'


@dataclass(frozen=True)
class Lie:
    """How an answer differs from a good one: `parts` replace, `signed_by` is "own", "other", "public" (a secret that
    everybody knows) or "nobody"; `then` changes what has been signed."""

    parts: Mapping[str, Any] = field(default_factory=dict)
    signed_by: str = "own"
    method: str = RSA_SHA256
    digest: str = SHA256_DIGEST
    whole: str = "nobody"
    """Who signs the response around the assertion."""
    then: Callable[[Xml], Xml] | None = None
    written: Callable[[bytes], bytes] | None = None


HONEST = Lie()


class SamlProvider:
    """`person`: subject (`sub`), `sid` and attributes of whoever is in front of it."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {}
        self.lie = HONEST

    def metadata(self, *, name: str = ENTITY_ID, address: str = SIGN_IN_ADDRESS, key: str = "own") -> str:
        """With a comment, as by hand. `key`: whose, or "short" or "old"."""
        binding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
        certificate = b64encode(certificate_of(key).public_bytes(Encoding.DER)).decode()
        return (
            f'<?xml version="1.0"?><!-- ours --><EntityDescriptor entityID="{name}" '
            f'xmlns="urn:oasis:names:tc:SAML:2.0:metadata"><IDPSSODescriptor protocolSupportEnumeration="{SAMLP}">'
            f'<KeyDescriptor use="signing"><d:KeyInfo xmlns:d="{DS}"><d:X509Data><d:X509Certificate>{certificate}'
            "</d:X509Certificate></d:X509Data></d:KeyInfo></KeyDescriptor>"
            f'<SingleLogoutService Binding="{binding}" Location="{LOGOUT_ADDRESS}"/>'
            f'<SingleSignOnService Binding="{binding}" Location="{address}"/>'
            "</IDPSSODescriptor></EntityDescriptor>"
        )

    def answer(self, address: str) -> tuple[str, str]:
        """What it lets the browser post that comes with `address`: where, and the message."""
        wish = request_of(address)
        come_back_to = wish.get("AssertionConsumerServiceURL")
        audience = wish.findtext(f"{{{SAML}}}Issuer")
        person = dict(self.person)
        parts = Parts(
            destination=come_back_to,
            recipient=come_back_to,
            in_response_to=wish.get("ID"),
            confirmed_in_response_to=wish.get("ID"),
            audiences=(audience,),
            assertion_id=f"_{secrets.token_hex(8)}",
            subject=person.pop("sub"),
            session=person.pop("sid", None),
            attributes={
                name: (each,) if isinstance(each, str) else tuple(each) for name, each in person.items()
            },
        )
        return come_back_to, self.message(replace(parts, **self.lie.parts))

    def message(self, parts: Parts) -> str:
        lie = self.lie
        response = etree.fromstring(_response(parts))
        assertion = response.find(f"{{{SAML}}}Assertion")
        _sign(assertion, lie.signed_by, lie.method, lie.digest)
        if lie.then:
            response = lie.then(response)
        _sign(response, lie.whole, RSA_SHA256, SHA256_DIGEST)
        written = etree.tostring(response)
        return b64encode(lie.written(written) if lie.written else written).decode()

    def logout_request(
        self,
        destination: str,
        *sessions: str,
        signed_by: str = "own",
        method: str = RSA_SHA256,
        **changed: str,
    ) -> Xml:
        """`changed`: ID, NotOnOrAfter, IssueInstant, Destination; issuer, subject and name_format ("" for none)."""
        told = {
            "ID": f"_{secrets.token_hex(8)}",
            "IssueInstant": "+0",
            "NotOnOrAfter": "+120",
            "Destination": destination,
        }
        told |= {name: value for name, value in changed.items() if name[0].isupper()}
        told |= {name: moment(told[name]) for name in ("IssueInstant", "NotOnOrAfter")}
        written = (
            f'<samlp:LogoutRequest xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" Version="2.0"'
            + "".join(_attribute(name, value) for name, value in told.items())
            + f"><saml:Issuer>{changed.get('issuer', ENTITY_ID)}</saml:Issuer>"
            f"<saml:NameID{_attribute('Format', changed.get('name_format', PERSISTENT) or None)}>"
            f"{changed.get('subject', 's-1')}</saml:NameID>"
            + "".join(f"<samlp:SessionIndex>{each}</samlp:SessionIndex>" for each in sessions)
            + "</samlp:LogoutRequest>"
        )
        request = etree.fromstring(written)
        _sign(request, signed_by, method, SHA256_DIGEST)
        return request


def posted(message: Xml) -> str:
    return b64encode(etree.tostring(message)).decode()


def redirected(
    message: Xml, *, relay_state: str = "", signed_by: str = "own", method: str = RSA_SHA256
) -> str:
    """The question part of the address that carries an unsigned message, signed as it is escaped."""
    packer = zlib.compressobj(wbits=-15)
    packed = b64encode(packer.compress(etree.tostring(message)) + packer.flush()).decode()
    query = f"SAMLRequest={quote_plus(packed)}"
    if relay_state:
        query += f"&RelayState={quote_plus(relay_state)}"
    query += f"&SigAlg={quote_plus(method)}"
    signature = b64encode(_signature(query.encode(), signed_by, method)).decode()
    return f"{query}&Signature={quote_plus(signature)}"


def request_of(address: str) -> Xml:
    """The message in an address that we were sent to."""
    query = parse_qs(urlsplit(address).query)
    packed = (query.get("SAMLRequest") or query["SAMLResponse"])[0]
    return etree.fromstring(zlib.decompress(b64decode(packed), wbits=-15))


def moment(seconds: str) -> str:
    """That many from now; what is no number of seconds stays as it is."""
    if seconds[0] not in "+-":
        return seconds
    return (datetime.now(UTC) + timedelta(seconds=int(seconds))).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _attribute(name: str, value: str | None) -> str:
    return "" if value is None else f' {name}="{escape(value)}"'


def _response(parts: Parts) -> str:
    times = {
        name: None if value is None else moment(value)
        for name, value in vars(parts).items()
        if name.endswith(("until", "not_before", "issued"))
    }
    audiences = "".join(f"<saml:Audience>{each}</saml:Audience>" for each in parts.audiences)
    attributes = "".join(
        f'<saml:Attribute Name="{escape(name)}">'
        + "".join(f"<saml:AttributeValue>{escape(value)}</saml:AttributeValue>" for value in values)
        + "</saml:Attribute>"
        for name, values in parts.attributes.items()
    )
    return (
        f'<samlp:Response xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="_r1" Version="2.0" '
        f'IssueInstant="{moment("+0")}"{_attribute("Destination", parts.destination)}'
        f"{_attribute('InResponseTo', parts.in_response_to)}>"
        f"<saml:Issuer>{parts.response_issuer}</saml:Issuer><samlp:Status>{parts.status}</samlp:Status>"
        f'<saml:Assertion ID="{parts.assertion_id}" Version="{parts.version}"'
        f"{_attribute('IssueInstant', times['issued'])}><saml:Issuer>{parts.issuer}</saml:Issuer>"
        f"<saml:Subject><saml:NameID{_attribute('Format', parts.name_format)}"
        f"{_attribute('NameQualifier', parts.name_qualifier)}>{parts.subject}</saml:NameID>"
        f'<saml:SubjectConfirmation Method="{parts.method}"><saml:SubjectConfirmationData'
        f"{_attribute('Recipient', parts.recipient)}{_attribute('InResponseTo', parts.confirmed_in_response_to)}"
        f"{_attribute('NotOnOrAfter', times['confirmed_until'])}"
        f"{_attribute('NotBefore', times['confirmed_not_before'])}/></saml:SubjectConfirmation></saml:Subject>"
        f"<saml:Conditions{_attribute('NotBefore', times['not_before'])}{_attribute('NotOnOrAfter', times['until'])}>"
        + (f"<saml:AudienceRestriction>{audiences}</saml:AudienceRestriction>" if audiences else "")
        + f'{parts.conditions}</saml:Conditions><saml:AuthnStatement AuthnInstant="{moment("+0")}"'
        f"{_attribute('SessionIndex', parts.session)}{_attribute('SessionNotOnOrAfter', times['session_until'])}>"
        "<saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"
        "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
        f"<saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion></samlp:Response>"
    )


@cache
def _key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=1024 if name == "short" else 2048)


@cache
def certificate_of(name: str) -> x509.Certificate:
    called = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(called, called, _key(name).public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=-1 if name == "old" else 1))
        .sign(_key(name), SHA256())
    )


def _sign(element: Xml, signed_by: str, method: str, digest: str) -> None:
    """XML Signature Core 1.1, enveloped, in exclusive canonical form; behind the issuer, as the schema wants it."""
    if signed_by == "nobody":
        return
    hashed = Hash(_DIGESTS[digest]())
    hashed.update(_canonical(element))
    signed = (
        f'<ds:SignedInfo xmlns:ds="{DS}">'
        '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
        f'<ds:SignatureMethod Algorithm="{method}"/><ds:Reference URI="#{element.get("ID")}"><ds:Transforms>'
        f'<ds:Transform Algorithm="{DS}enveloped-signature"/>'
        '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{digest}"/>'
        f"<ds:DigestValue>{b64encode(hashed.finalize()).decode()}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    )
    value = _signature(_canonical(etree.fromstring(signed)), signed_by, method)
    # The key that it brings along itself: nobody is to believe it.
    shown = (
        ""
        if signed_by == "public"
        else b64encode(certificate_of(signed_by).public_bytes(Encoding.DER)).decode()
    )
    brought = f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{shown}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    element.insert(
        1,
        etree.fromstring(
            f'<ds:Signature xmlns:ds="{DS}">{signed}<ds:SignatureValue>{b64encode(value).decode()}'
            f"</ds:SignatureValue>{brought if shown else ''}</ds:Signature>"
        ),
    )


def _signature(signed: bytes, signed_by: str, method: str) -> bytes:
    if signed_by == "public":
        proof = HMAC(certificate_of("own").public_bytes(Encoding.DER), SHA256())
        proof.update(signed)
        return proof.finalize()
    return _key(signed_by).sign(signed, padding.PKCS1v15(), SHA1() if method == RSA_SHA1 else SHA256())  # noqa: S303 (a lie)


def _canonical(element: Xml) -> bytes:
    return bytes(etree.tostring(element, method="c14n", exclusive=True, with_comments=False))
