"""Who the provider is, as its metadata says, and who we are, for the provider to read (Metadata 2.4)."""

import logging
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import Certificate, load_der_x509_certificate
from lxml import etree

from kbchat.composition import environment
from kbchat.core.addresses import is_guarded
from kbchat.core.errors import NotFound
from kbchat.web.sso.saml.reading import NAMES, Element, every, read_file, tag

logger = logging.getLogger(__name__)

ACS_PATH: Final = "/sso/saml/acs"
LOGOUT_PATH: Final = "/sso/saml/logout"
METADATA_PATH: Final = "/sso/saml/metadata"
REDIRECT: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
PROTOCOL: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
_MOST_NAME_CHARACTERS = 200
_LEAST_RSA_BITS = 2048


class MetadataUnusable(Exception):
    """The file of KBCHAT_SAML_METADATA_FILE cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class KnownProvider:
    """`logout_address` is "" where it has none to which a browser could bring our answer."""

    entity_id: str
    sign_in_address: str
    logout_address: str
    certificates: tuple[Certificate, ...]

    def current_certificates(self) -> list[Certificate]:
        now = datetime.now(UTC)
        found = [
            each for each in self.certificates if each.not_valid_before_utc <= now < each.not_valid_after_utc
        ]
        if not found:
            logger.error("the identity provider's certificate is out of date: save its metadata anew")
        return found


def known_provider() -> KnownProvider:
    """Raises NotFound where there is none, MetadataUnusable."""
    path = environment().saml_metadata_file
    if path is None:
        raise NotFound
    return _read(path)


def require_usable() -> None:
    """When web starts, not with the first sign-in. Raises MetadataUnusable."""
    path = environment().saml_metadata_file
    if path is not None and not _read(path).current_certificates():
        raise _unusable(path, "names no certificate that is in date")


def own_entity_id() -> str:
    settings = environment()
    return settings.saml_entity_id or settings.origins[0] + METADATA_PATH


def own_metadata() -> bytes:
    """What an IT department gives to its provider: every address by which people reach us."""
    entity = etree.Element(tag("md:EntityDescriptor"), nsmap={"md": NAMES["md"]}, entityID=own_entity_id())
    described = etree.SubElement(
        entity,
        tag("md:SPSSODescriptor"),
        protocolSupportEnumeration=PROTOCOL,
        AuthnRequestsSigned="false",
        WantAssertionsSigned="true",
    )
    origins = environment().origins
    for binding in (REDIRECT, POST):
        etree.SubElement(
            described, tag("md:SingleLogoutService"), Binding=binding, Location=origins[0] + LOGOUT_PATH
        )
    format_ = etree.SubElement(described, tag("md:NameIDFormat"))
    format_.text = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    for index, origin in enumerate(origins):
        etree.SubElement(
            described,
            tag("md:AssertionConsumerService"),
            Binding=POST,
            Location=origin + ACS_PATH,
            index=str(index),
            isDefault="true" if index == 0 else "false",
        )
    return bytes(etree.tostring(entity, xml_declaration=True, encoding="utf-8", pretty_print=True))


@cache
def _read(path: Path) -> KnownProvider:
    """Once for the process: whoever exchanges the file starts it anew."""
    try:
        entity = read_file(path.read_bytes())
    except OSError as error:
        raise _unusable(path, f"cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise _unusable(path, f"is no XML ({error})") from error
    if entity.tag != tag("md:EntityDescriptor"):
        raise _unusable(path, "is not the metadata of one provider (an EntityDescriptor)")
    described = entity.find("md:IDPSSODescriptor", NAMES)
    if described is None:
        raise _unusable(path, "describes no identity provider (no IDPSSODescriptor)")
    entity_id = entity.get("entityID", "")
    if not 0 < len(entity_id) <= _MOST_NAME_CHARACTERS:
        raise _unusable(path, f"has no entityID of at most {_MOST_NAME_CHARACTERS} characters")
    address = _service(described, "md:SingleSignOnService").get("Location", "")
    if not is_guarded(address):
        raise _unusable(
            path, "names no SingleSignOnService with the HTTP-Redirect binding and an https:// address"
        )
    logout = _service(described, "md:SingleLogoutService")
    logout_address = logout.get("ResponseLocation") or logout.get("Location", "")
    return KnownProvider(
        entity_id,
        address,
        logout_address if is_guarded(logout_address) else "",
        _certificates(path, described),
    )


def _service(described: Element, name: str) -> Mapping[str, str]:
    """Its attributes; none where there is none to which a browser can be sent."""
    services = (service.attrib for service in every(described, name))
    return next((found for found in services if found.get("Binding") == REDIRECT), {})


def _certificates(path: Path, described: Element) -> tuple[Certificate, ...]:
    """Of every key that may sign: two of them while the provider changes from one to the other."""
    found = []
    for key in every(described, "md:KeyDescriptor"):
        if key.get("use", "signing") != "signing":
            continue
        for written in every(key, "ds:KeyInfo/ds:X509Data/ds:X509Certificate"):
            try:
                found.append(load_der_x509_certificate(b64decode(written.text or "")))
            except ValueError as error:
                raise _unusable(path, "has a certificate that cannot be read") from error
    if not found:
        raise _unusable(path, "names no certificate for signatures")
    for certificate in found:
        public = certificate.public_key()
        is_long = isinstance(public, rsa.RSAPublicKey) and public.key_size >= _LEAST_RSA_BITS
        if not is_long and not isinstance(public, ec.EllipticCurvePublicKey):
            raise _unusable(
                path, f"has a key that is neither RSA of {_LEAST_RSA_BITS} bits nor of an elliptic curve"
            )
    return tuple(found)


def _unusable(path: Path, reason: str) -> MetadataUnusable:
    return MetadataUnusable(
        f"KBCHAT_SAML_METADATA_FILE: {path} {reason}. Save the metadata of your identity provider there."
    )
