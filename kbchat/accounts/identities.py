"""Whom an identity provider lets in: which person its issuer and subject stand for (T30).

An identity is the issuer and the subject together. An e-mail leads to somebody only where the operator trusts the
provider's e-mails, and only one that the provider has verified. What the provider says has been verified before it
comes here, and how is not known here.
"""

from dataclasses import dataclass

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import CharField
from django.db.models.functions import Cast

from kbchat.accounts.accepting import accepted_email, accepted_name
from kbchat.accounts.directory_groups import follow_groups
from kbchat.accounts.models import User, is_email
from kbchat.accounts.people import create_person
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import digest, record
from kbchat.core.errors import Conflict, Invalid, NotAllowed

_FORMER = "former"
"""No provider is called so: an issuer is a whole address."""


@dataclass(frozen=True, slots=True)
class Identity:
    """`groups` is None where the provider does not say which: then they stay as they are. `session` is its own name of
    the session, or ""."""

    issuer: str
    subject: str
    email: str
    email_is_verified: bool
    name: str
    groups: tuple[str, ...] | None
    session: str


@dataclass(frozen=True, slots=True)
class Admission:
    """What the operator allows. `create_people`: an account with the first sign-in. `trust_email`: a verified e-mail
    leads to the account that has it."""

    create_people: bool
    trust_email: bool


@transaction.atomic
def admit(identity: Identity, admission: Admission, *, language: str) -> User:
    """The active person whose identity this is, in the groups that the provider names.

    Raises NotAllowed("no_account") or ("not_active"); then nothing has been changed.
    """
    known = SocialAccount.objects.select_related("user").filter(
        provider=identity.issuer, uid=identity.subject
    )
    account = known.first()
    person = account.user if account else _newcomer(identity, admission, language)
    if not person.is_active:
        raise NotAllowed("not_active")
    if identity.groups is not None:
        follow_groups(person, identity.groups)
    return person


def find_person(issuer: str, subject: str) -> User | None:
    account = SocialAccount.objects.select_related("user").filter(provider=issuer, uid=subject).first()
    return account.user if account else None


def end_identities(person: User) -> None:
    """No provider lets anybody in as him any more; what it calls him by may become somebody else's here."""
    # The application's role may not delete them: as with his address, the row stays under a name that nobody has.
    SocialAccount.objects.filter(user=person).update(provider=_FORMER, uid=Cast("pk", CharField()))


def _newcomer(identity: Identity, admission: Admission, language: str) -> User:
    """Somebody whom this provider has not let in before. Raises NotAllowed("no_account")."""
    # An e-mail that is not verified may be anybody's: an account under it would be taken for its owner's.
    if not identity.email_is_verified:
        raise NotAllowed("no_account")
    person = User.objects.select_for_update().filter(is_email(identity.email)).first()
    if person is None and admission.create_people:
        person = _created(identity, language)
    elif person is None or not admission.trust_email or _is_known(person, identity.issuer):
        raise NotAllowed("no_account")
    SocialAccount.objects.create(user=person, provider=identity.issuer, uid=identity.subject)
    known_as = digest(f"{identity.issuer}\n{identity.subject}")
    record(person.pk, AuditAction.IDENTITY_LINKED, person=person.pk, identity=known_as)
    return person


def _is_known(person: User, issuer: str) -> bool:
    """Whether the provider knows him already: then this is somebody else, to whom his address was given."""
    return bool(SocialAccount.objects.filter(user=person, provider=issuer).exists())


def _created(identity: Identity, language: str) -> User:
    try:
        email = accepted_email(identity.email)
        name = accepted_name(identity.name or email.partition("@")[0])
        return create_person(email=email, name=name, password=None, language=language)
    except (Invalid, Conflict) as error:
        raise NotAllowed("no_account") from error
