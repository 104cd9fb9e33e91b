"""People and the groups they are in. What a person may read is not here: see `kbchat.access`."""

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils import timezone

from kbchat.accounts.factor_models import (
    AuthenticatorApp,
    ChallengePurpose,
    Passkey,
    PasskeyChallenge,
    PendingSignIn,
    RecoveryCodes,
)
from kbchat.accounts.notice_models import Notice, NoticeKind
from kbchat.core.models import Addressable
from kbchat.core.viewer import KeyScope

__all__ = [
    "ApiKey",
    "AuthenticatorApp",
    "ChallengePurpose",
    "DirectoryPerson",
    "DirectoryToken",
    "Group",
    "GroupInclusion",
    "Language",
    "LinkPurpose",
    "Membership",
    "Notice",
    "NoticeKind",
    "OneTimeLink",
    "OpenSession",
    "Passkey",
    "PasskeyChallenge",
    "PendingSignIn",
    "RecoveryCodes",
    "Source",
    "User",
    "is_email",
]


class Language(models.TextChoices):
    ENGLISH = "en", "English"
    CHINESE = "zh-hans", "简体中文"


class User(AbstractBaseUser):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=10, choices=Language.choices, default=Language.ENGLISH)
    is_active = models.BooleanField(default=True)
    is_administrator = models.BooleanField(default=False)
    is_auditor = models.BooleanField(default=False)
    """Reads the audit trail; no document by that."""
    joined_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[models.Manager["User"]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_is_unique_whatever_its_case")]


def is_email(email: str) -> models.Q:
    """For a filter of people: one of them at most.

    Alike in small letters and in capitals: to PostgreSQL the capital of ı is I and that of ſ is S, and the Kelvin
    sign's small letter is k, but such an address is somebody else's.
    """
    return models.Q(email__iexact=email) & models.Q(Exact(Lower("email"), Lower(models.Value(email))))


class Source(models.TextChoices):
    """Who says so: people here, or the company's directory. What the directory says, nobody here changes by hand."""

    LOCAL = "local"
    DIRECTORY = "directory"


class Group(Addressable):
    """`external_id`: by which the directory knows it; "" where it did not say."""

    name = models.CharField(max_length=200, unique=True)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.LOCAL)
    external_id = models.CharField(max_length=255, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~models.Q(external_id=""),
                name="directory_group_is_known_once",
            ),
            models.CheckConstraint(
                condition=models.Q(source="directory") | models.Q(external_id=""),
                name="only_directory_groups_have_an_external_id",
            ),
        ]


class Membership(models.Model):
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    group = models.ForeignKey(Group, models.CASCADE, related_name="memberships")
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.LOCAL)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "group"], name="person_is_in_a_group_once")]


class GroupInclusion(models.Model):
    """Whoever is in `included` is in `container` too."""

    container = models.ForeignKey(Group, models.CASCADE, related_name="inclusions")
    included = models.ForeignKey(Group, models.CASCADE, related_name="containers")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["container", "included"], name="group_is_included_once"),
            models.CheckConstraint(
                condition=~models.Q(container=models.F("included")), name="group_does_not_include_itself"
            ),
        ]


class OpenSession(Addressable):
    """A browser in which somebody is signed in; gone with its session. Where it is is not kept.

    `device` is what the browser says of itself. `issuer` and `directory_session` (the claim `sid`) are those of the
    identity provider that let him in, or "". `proved_at`: when he last showed here, by all that he has, who he is;
    NULL where a provider let him in.
    """

    session = models.OneToOneField(Session, models.CASCADE, related_name="opened")
    user = models.ForeignKey(User, models.CASCADE, related_name="open_sessions")
    opened_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    proved_at = models.DateTimeField(null=True)
    device = models.CharField(max_length=300, default="")
    issuer = models.CharField(max_length=200, default="")
    directory_session = models.CharField(max_length=255, default="")


class ApiKey(Addressable):
    """Signs a script in as its owner, narrowed. The key itself is shown once; its SHA-256 stands here. `scopes`: values
    of KeyScope. `collections`: plain ids of those that it reaches; NULL: all that its owner does."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    scopes = ArrayField(models.CharField(max_length=20))
    collections = ArrayField(models.UUIDField(), null=True)
    last_used_on = models.DateField(null=True)
    """By days (UTC): enough to find a key that nobody needs, and one write a day."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scopes__len__gt=0)
                & models.Q(scopes__contained_by=[scope.value for scope in KeyScope]),
                name="api_key_is_for_something_known",
            )
        ]


class DirectoryPerson(models.Model):
    """How the company's directory knows somebody: who has such a row is kept by it, name and e-mail included.
    `is_barred`: somebody here deactivated him, and the directory does not bring him back."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="directory")
    user_name = models.CharField(max_length=254)
    external_id = models.CharField(max_length=255, default="")
    given_name = models.CharField(max_length=200, default="")
    family_name = models.CharField(max_length=200, default="")
    is_barred = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("user_name"), name="directory_name_is_unique_whatever_its_case"),
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~models.Q(external_id=""),
                name="directory_person_is_known_once",
            ),
        ]


class DirectoryToken(Addressable):
    """Lets a directory bring people and groups. The token itself is shown once; its SHA-256 stands here."""

    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True)


class LinkPurpose(models.TextChoices):
    SETUP = "setup"
    INVITATION = "invitation"
    RESET = "reset"


class OneTimeLink(models.Model):
    """The SHA-256 of a link's token. By it the first administrator signs up, or somebody chooses his password."""

    digest = models.CharField(max_length=64, primary_key=True)
    purpose = models.CharField(max_length=10, choices=LinkPurpose.choices, default=LinkPurpose.SETUP)
    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="one_time_links")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose="setup", person__isnull=True)
                | models.Q(person__isnull=False, expires_at__isnull=False) & ~models.Q(purpose="setup"),
                name="link_to_a_password_is_somebody_s_and_ends",
            )
        ]
