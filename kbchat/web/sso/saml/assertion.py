"""Which answers of a SAML provider are believed (T30): Profiles 4.1.4, in its strict reading.

An assertion that the provider has signed itself, for us and nobody besides, sent to this address, for one way there
that began here. Knows no network and no database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.x509 import Certificate

from kbchat.core.errors import NotAllowed
from kbchat.web.sso.proofs import CLOCK_SECONDS, ProofRefused
from kbchat.web.sso.saml.reading import NAMES, Element, every, only, read_message, tag, text_of, time_of
from kbchat.web.sso.saml.signatures import signed_element

PERSISTENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
_BEARER: Final = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_STATUS: Final = "urn:oasis:names:tc:SAML:2.0:status:"
_CANCELLED: Final = {f"{_STATUS}RequestDenied", f"{_STATUS}AuthnFailed"}
_CONDITIONS: Final = {tag("saml:AudienceRestriction"), tag("saml:OneTimeUse"), tag("saml:ProxyRestriction")}
_CLOCK: Final = timedelta(seconds=CLOCK_SECONDS)


@dataclass(frozen=True, slots=True)
class Expected:
    """`audience`: what we are called at the provider; `address`: where the message was sent to."""

    issuer: str
    certificates: Sequence[Certificate]
    audience: str
    address: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """`session`: the provider's name of the session, or "". `in_response_to`: the request that it answers; whether this
    browser made it has not been asked."""

    id: str
    in_response_to: str
    good_until: datetime
    subject: str
    session: str
    attributes: Mapping[str, tuple[str, ...]]


def verified_assertion(message: bytes, expected: Expected) -> Assertion:
    """Raises ProofRefused, or NotAllowed("sso_cancelled")."""
    response = read_message(message)
    require(response.tag == tag("samlp:Response") and response.get("Version") == "2.0", "no response")
    _require_success(response)
    require(response.get("Destination") == expected.address, "destination")
    require_issuer(response, expected.issuer, is_needed=False)
    if response.find("ds:Signature", NAMES) is not None:
        signed_element(response, expected.certificates)
    found = list(response.iter(tag("saml:Assertion")))
    require(len(found) == 1 and found[0].getparent() is response, "not one assertion")
    return _read(signed_element(found[0], expected.certificates), response.get("InResponseTo"), expected)


def require(holds: bool, reason: str) -> None:  # noqa: FBT001 (reads as a sentence)
    """Raises ProofRefused."""
    if not holds:
        raise ProofRefused(reason=reason)


def require_issuer(element: Element, issuer: str, *, is_needed: bool = True) -> None:
    if is_needed or element.find("saml:Issuer", NAMES) is not None:
        require(text_of(only(element, "saml:Issuer")) == issuer, "issuer")


def subject_of(element: Element, *, issuer: str, audience: str, format_unsaid: str = "") -> str:
    """A name that stays a person's and is nobody else's: no e-mail, and none for one session. Raises ProofRefused."""
    name = only(element, "saml:NameID")
    require(name.get("Format", format_unsaid) == PERSISTENT, "name format")
    # Another's names may be equal to those of this provider.
    require(name.get("NameQualifier", issuer) == issuer, "name qualifier")
    require(name.get("SPNameQualifier", audience) == audience, "name qualifier")
    return text_of(name)


def require_time(element: Element, *, until: str = "NotOnOrAfter") -> None:
    """That it is good already, and still. Raises ProofRefused."""
    now = datetime.now(UTC)
    for name in ("NotBefore", "IssueInstant"):
        begins = time_of(element, name)
        require(begins is None or begins <= now + _CLOCK, name)
    ends = time_of(element, until)
    require(ends is None or ends > now - _CLOCK, until)


def _read(assertion: Element, in_response_to: str | None, expected: Expected) -> Assertion:
    """`assertion` is what was signed."""
    require(assertion.get("Version") == "2.0" and bool(assertion.get("ID")), "no assertion")
    require_issuer(assertion, expected.issuer)
    require_time(assertion)
    subject = only(assertion, "saml:Subject")
    confirmation = only(subject, "saml:SubjectConfirmation")
    require(confirmation.get("Method") == _BEARER, "confirmation")
    confirmed = only(confirmation, "saml:SubjectConfirmationData")
    require(confirmed.get("Recipient") == expected.address, "recipient")
    require(bool(in_response_to) and confirmed.get("InResponseTo") == in_response_to, "unasked")
    require_time(confirmed)
    good_until = time_of(confirmed, "NotOnOrAfter")
    if good_until is None:
        raise ProofRefused(reason="NotOnOrAfter")
    _require_conditions(only(assertion, "saml:Conditions"), expected.audience)
    authenticated = only(assertion, "saml:AuthnStatement")
    require_time(authenticated, until="SessionNotOnOrAfter")
    return Assertion(
        id=assertion.get("ID"),
        in_response_to=confirmed.get("InResponseTo"),
        good_until=good_until,
        subject=subject_of(subject, issuer=expected.issuer, audience=expected.audience),
        session=authenticated.get("SessionIndex", ""),
        attributes=_attributes(assertion),
    )


def _require_conditions(conditions: Element, audience: str) -> None:
    require_time(conditions)
    require(all(condition.tag in _CONDITIONS for condition in conditions), "a condition that nobody knows")
    restrictions = list(every(conditions, "saml:AudienceRestriction"))
    # For us and nobody besides: an assertion that others may use, too, proves nothing here.
    audiences = [
        [text_of(each) for each in every(restriction, "saml:Audience")] for restriction in restrictions
    ]
    require(bool(audiences) and all(named == [audience] for named in audiences), "audience")


def _attributes(assertion: Element) -> dict[str, tuple[str, ...]]:
    """By their names; a value that is no text is left out. Some providers write one attribute for each group."""
    found: dict[str, tuple[str, ...]] = {}
    for attribute in every(assertion, "saml:AttributeStatement/saml:Attribute"):
        values = [value for value in every(attribute, "saml:AttributeValue") if not len(value)]
        name = attribute.get("Name", "")
        found[name] = found.get(name, ()) + tuple(text for value in values if (text := text_of(value)))
    return found


def _require_success(response: Element) -> None:
    status = only(only(response, "samlp:Status"), "samlp:StatusCode")
    if status.get("Value") == f"{_STATUS}Success":
        return
    second = status.find("samlp:StatusCode", NAMES)
    if second is not None and second.get("Value") in _CANCELLED:
        raise NotAllowed("sso_cancelled")
    raise ProofRefused(reason="status")
