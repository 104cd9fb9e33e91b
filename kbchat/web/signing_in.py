"""The moment in which somebody who has shown who he is becomes signed in, by whatever way he came."""

from django.db import transaction
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from kbchat.accounts.factors import FactorKind
from kbchat.accounts.models import User
from kbchat.accounts.open_sessions import note_session
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import Fact, record
from kbchat.web.authentication import open_session


def sign_in(
    request: HttpRequest,
    person: User,
    *,
    issuer: str = "",
    directory_session: str = "",
    factor: FactorKind | None = None,
) -> None:
    """`issuer` and `directory_session`: the identity provider that let him in, and what it calls the session. `factor`:
    what he showed beside his password, or instead of it."""
    with transaction.atomic():
        session_key = open_session(request, person)
        note_session(
            person,
            session_key,
            device=request.headers.get("User-Agent", ""),
            issuer=issuer,
            directory_session=directory_session,
        )
        shown: dict[str, Fact] = {"factor": factor} if factor else {}
        record(person.pk, AuditAction.SIGNED_IN, **shown)
    rotate_token(request)
