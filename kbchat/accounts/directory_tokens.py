"""Tokens by which the company's directory speaks to kbchat. One is shown once; its SHA-256 is what is kept."""

from django.db import transaction
from django.utils import timezone

from kbchat.accounts.acting import COMMAND
from kbchat.accounts.models import DirectoryToken
from kbchat.audit.models import AuditAction
from kbchat.core.secret_tokens import digest_of, new_secret

_PREFIX = "kbd_"


@transaction.atomic
def make_directory_token(name: str) -> tuple[DirectoryToken, str]:
    """The stored row, and the token itself, which cannot be shown again."""
    secret = new_secret(_PREFIX)
    token = DirectoryToken.objects.create(name=name, digest=digest_of(secret))
    COMMAND.record(AuditAction.DIRECTORY_TOKEN_MADE, token=token.pk)
    return token, secret


@transaction.atomic
def revoke_directory_tokens(name: str) -> int:
    """How many of this name were valid until now."""
    valid = DirectoryToken.objects.select_for_update().filter(name=name, revoked_at=None)
    revoked = list(valid.values_list("pk", flat=True))
    DirectoryToken.objects.filter(pk__in=revoked).update(revoked_at=timezone.now())
    for token_id in revoked:
        COMMAND.record(AuditAction.DIRECTORY_TOKEN_REVOKED, token=token_id)
    return len(revoked)


def directory_of_token(secret: str) -> DirectoryToken | None:
    """The token's row, where it is valid now."""
    if not secret.startswith(_PREFIX):
        return None
    return DirectoryToken.objects.filter(digest=digest_of(secret), revoked_at=None).first()
