"""One sign-in at a SAML provider, there and back (Profiles 4.1).

The provider lets the browser post its answer to us, and a browser sends no cookie with what another site posts (ours
are SameSite=Lax). So the way back has two steps: the answer is verified and laid aside, and the browser comes for it
with its cookie, which alone knows the request that it answers. An answer that nobody here has asked for, and one for
another browser, end there.
"""

import secrets
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode, urlsplit

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import Provider
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from kbchat.accounts.identities import Identity
from kbchat.composition import environment
from kbchat.web.sso.proofs import CLOCK_SECONDS, ProofRefused, use_up
from kbchat.web.sso.returning import Returned, identity_of, own_origin
from kbchat.web.sso.saml.assertion import Assertion, Expected, verified_assertion
from kbchat.web.sso.saml.laid_aside import lay_aside, take
from kbchat.web.sso.saml.messages import new_id, sign_in_request
from kbchat.web.sso.saml.metadata import ACS_PATH, known_provider, own_entity_id
from kbchat.web.sso.saml.reading import decoded

COLLECT_PATH: Final = "/sso/callback"
_TOO_MANY_GROUPS: Final = "http://schemas.microsoft.com/claims/groups.link"
"""What Entra ID sends in place of a list of groups that is too long."""


def shown_name() -> str | None:
    return environment().sso_name or urlsplit(known_provider().sign_in_address).netloc


def way_there(request: HttpRequest, next_path: str) -> str:
    request_id = new_id()
    _memory(request).stash_redirect_state(request, "login", next_url=next_path, state_id=request_id)
    return sign_in_request(
        request_id,
        destination=known_provider().sign_in_address,
        come_back_to=own_origin(request) + ACS_PATH,
    )


def receive(request: HttpRequest) -> str:
    """What the provider has let a browser post. The address where the browser is to come for it.

    Raises NotAllowed, Unavailable or NotFound.
    """
    provider = known_provider()
    expected = Expected(
        provider.entity_id, provider.current_certificates(), own_entity_id(), own_origin(request) + ACS_PATH
    )
    assertion = verified_assertion(decoded(request.POST.get("SAMLResponse", "")), expected)
    ticket = secrets.token_urlsafe(32)
    lay_aside(ticket, assertion)
    return f"{COLLECT_PATH}?{urlencode({'answer': ticket})}"


def way_back(request: HttpRequest) -> Returned:
    assertion = take(request.GET.get("answer", ""))
    try:
        state = _memory(request).unstash_redirect_state(request, assertion.in_response_to)
    except PermissionDenied as error:
        raise ProofRefused(reason="not asked for by this browser") from error
    issuer = known_provider().entity_id
    left = assertion.good_until - datetime.now(UTC)
    use_up(f"{issuer}\n{assertion.id}", max(1, int(left.total_seconds()) + 2 * CLOCK_SECONDS))
    return Returned(_identity(issuer, assertion), str(state.get("next") or "/"))


def _memory(request: HttpRequest) -> Provider:
    """allauth's memory of ways there, in the session: each is good once, in this browser, for some minutes."""
    issuer = known_provider().entity_id
    return Provider(request, SocialApp(provider="saml", provider_id=issuer))


def _identity(issuer: str, assertion: Assertion) -> Identity:
    settings = environment()
    verified = settings.saml_email_verified_attribute
    return identity_of(
        issuer,
        assertion.subject,
        email=_single(assertion, settings.saml_email_attribute),
        email_is_verified=not verified or _single(assertion, verified).lower() == "true",
        name=_single(assertion, settings.saml_name_attribute),
        groups=_groups(assertion),
        session=assertion.session,
    )


def _groups(assertion: Assertion) -> list[object] | None:
    """None where they do not come from the provider, or it does not say which. An attribute that is missing names
    none: many providers leave it out for whoever is in no group."""
    name, told = environment().saml_groups_attribute, assertion.attributes
    if not name or (name not in told and _TOO_MANY_GROUPS in told):
        return None
    return list(told.get(name, ()))


def _single(assertion: Assertion, name: str) -> str:
    """Of several values none is the one."""
    values = assertion.attributes.get(name, ())
    return values[0] if len(values) == 1 else ""
