"""Who someone is, from e-mail and password. Sessions and keys are the web's affair."""

from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from kbchat.accounts.models import User, is_email
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import digest, record


class EmailBackend:
    """One person by e-mail (in any case) and password; an inactive one is nobody.

    It says who somebody is and no more: whose a session is stands in its own row (`open_sessions`).
    """

    def authenticate(
        self, request: HttpRequest | None, email: str = "", password: str = "", **_: object
    ) -> User | None:
        person = User.objects.filter(is_email(email)).first()
        if person is None:
            # As much work as a wrong password takes: time must not tell who has an account.
            make_password(password)
            # An address that nobody has here may be a password typed into the wrong field: no trace of it is kept.
            record(None, AuditAction.SIGN_IN_FAILED)
            return None
        if not person.check_password(password) or not person.is_active:
            record(person.pk, AuditAction.SIGN_IN_FAILED, email=digest(person.email.casefold()))
            return None
        return person
