"""A person's second factors as a whole: which he has, adding and taking away, and who lacks one.

Every change ends his other sessions: they were opened by what was enough before, and whoever holds one of them must not
outlast it. (ASVS 5.0, 7.4.3, asks that people can choose this; here, as with a new password, it is not left to them.)
Who may change them, and after which proof, is asked by the callers.
"""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.db.models import Exists, OuterRef

from kbchat.accounts.acting import COMMAND, Actor
from kbchat.accounts.authenticator_app import accept_app, is_app_code, use_app_code
from kbchat.accounts.models import AuthenticatorApp, OpenSession, Passkey, RecoveryCodes, User
from kbchat.accounts.open_sessions import end_all_sessions, end_other_sessions
from kbchat.accounts.passkeys import Answer, Site, accept_passkey
from kbchat.accounts.recovery_codes import make_codes, use_recovery_code
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import gathered
from kbchat.core.errors import Conflict, NotAllowed, NotFound

FactorKind = Literal["app", "passkey", "recovery_code"]


@dataclass(frozen=True, slots=True)
class Factors:
    """`codes_left`: None where there are none because there is nothing to recover."""

    app: AuthenticatorApp | None
    passkeys: list[Passkey]
    codes_left: int | None

    @property
    def are_there(self) -> bool:
        return self.app is not None or bool(self.passkeys)


def factors_of(person: User) -> Factors:
    codes = RecoveryCodes.objects.filter(user=person).first()
    return Factors(
        app=AuthenticatorApp.objects.filter(user=person).first(),
        passkeys=list(Passkey.objects.filter(user=person).order_by("added_at")),
        codes_left=len(codes.digests) if codes else None,
    )


def has_factor(person: User) -> bool:
    return User.objects.filter(pk=person.pk).filter(_with_factor("pk")).exists()


def lacks_factor(session_key: str) -> bool:
    """Whether this session was opened by a password, of somebody who has no second factor. What an identity provider
    opened is its own to answer for."""
    opened_here = OpenSession.objects.filter(session_id=session_key, issuer="")
    return opened_here.exclude(_with_factor("user")).exists()


def add_app(person: User, session_key: str, sealed: str, code: str) -> list[str] | None:
    """The recovery codes that come with a first factor. Raises Invalid, Conflict("app_known"), NotAllowed."""
    _require_password(person)
    app = accept_app(person, sealed, code)
    with gathered():
        _locked(person)
        if AuthenticatorApp.objects.filter(user=person).exists():
            raise Conflict("app_known")
        app.save(force_insert=True)
        return _added(person, session_key, "app")


def add_named_passkey(
    person: User, session_key: str, site: Site, name: str, answer: Answer
) -> list[str] | None:
    """As `add_app`. Raises NotAllowed, Conflict("passkey_known")."""
    _require_password(person)
    passkey = accept_passkey(site, session_key, person, name, answer)
    with gathered():
        _locked(person)
        if Passkey.objects.filter(credential_id=passkey.credential_id).exists():
            raise Conflict("passkey_known")
        passkey.save(force_insert=True)
        return _added(person, session_key, "passkey")


def remove_app(person: User, session_key: str) -> None:
    """Raises NotFound where there is none."""
    with gathered():
        _locked(person)
        deleted, _ = AuthenticatorApp.objects.filter(user=person).delete()
        _removed(person, session_key, "app", deleted)


def remove_passkey(person: User, session_key: str, passkey_id: UUID) -> None:
    """Raises NotFound where it is not his."""
    with gathered():
        _locked(person)
        deleted, _ = Passkey.objects.filter(user=person, pk=passkey_id).delete()
        _removed(person, session_key, "passkey", deleted)


def renew_codes(person: User, session_key: str) -> list[str]:
    """The earlier ones open nothing any more. Raises NotAllowed("factor_missing") where there is nothing to recover."""
    with gathered():
        _locked(person)
        if not has_factor(person):
            raise NotAllowed("factor_missing")
        codes = make_codes(person)
        end_other_sessions(person, session_key)
        Actor(person_id=person.pk).record(AuditAction.RECOVERY_CODES_MADE, person=person.pk)
        return codes


def use_code(person: User, typed: str) -> FactorKind | None:
    """By its look a code of his app, or one of his recovery codes; taken once. That it was wrong is recorded."""
    if is_app_code(typed):
        kind: FactorKind = "app"
        is_right = use_app_code(person, typed)
    else:
        kind = "recovery_code"
        is_right = use_recovery_code(person, typed)
    if not is_right:
        failed(person, kind)
        return None
    if kind == "recovery_code":
        Actor(person_id=person.pk).record(AuditAction.RECOVERY_CODE_USED, person=person.pk)
    return kind


def failed(person: User, kind: FactorKind) -> None:
    """Who it was is not known: the password was his, or the passkey's id."""
    COMMAND.record(AuditAction.SECOND_FACTOR_FAILED, person=person.pk, factor=kind)


def take_all(person: User, *, by: Actor = COMMAND) -> bool:
    """From somebody who lost them; his sessions end. Whether he had any."""
    with gathered():
        _locked(person)
        had = factors_of(person)
        if not had.are_there:
            return False
        for rows in (AuthenticatorApp, Passkey, RecoveryCodes):
            rows.objects.filter(user=person).delete()
        end_all_sessions(person, by=by)
        by.record(
            AuditAction.FACTORS_TAKEN,
            person=person.pk,
            apps=int(had.app is not None),
            passkeys=len(had.passkeys),
        )
        return True


def _added(person: User, session_key: str, kind: FactorKind) -> list[str] | None:
    codes = None if RecoveryCodes.objects.filter(user=person).exists() else make_codes(person)
    end_other_sessions(person, session_key)
    Actor(person_id=person.pk).record(AuditAction.FACTOR_ADDED, person=person.pk, factor=kind)
    return codes


def _removed(person: User, session_key: str, kind: FactorKind, deleted: int) -> None:
    if not deleted:
        raise NotFound
    if not has_factor(person):
        RecoveryCodes.objects.filter(user=person).delete()
    end_other_sessions(person, session_key)
    Actor(person_id=person.pk).record(AuditAction.FACTOR_REMOVED, person=person.pk, factor=kind)


def _require_password(person: User) -> None:
    """Who signs in by the company's provider alone must not get a way round it."""
    if not person.has_usable_password():
        raise NotAllowed("factors_need_password")


def _locked(person: User) -> None:
    """One change of his factors after another."""
    User.objects.select_for_update().get(pk=person.pk)


def _with_factor(person: str) -> Exists:
    """`person`: the field of the outer row that names him."""
    apps = AuthenticatorApp.objects.filter(user=OuterRef(person))
    return Exists(apps) | Exists(Passkey.objects.filter(user=OuterRef(person)))  # type: ignore[return-value]
