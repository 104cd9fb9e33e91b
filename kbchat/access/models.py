"""Grants: the one kind of row from which everything that a person may read follows (see 0002_visibility)."""

from django.db import models
from django.utils import timezone

from kbchat.accounts.models import Group, User
from kbchat.core.models import Addressable
from kbchat.documents.models import Collection, Document, Section


class Role(models.TextChoices):
    READER = "reader"
    EDITOR = "editor"
    OWNER = "owner"


def _exactly_one(*conditions: models.Q) -> models.Q:
    """True where one of the conditions holds and no other."""
    alternatives = models.Q()
    for chosen in conditions:
        alternative = chosen
        for other in conditions:
            if other is not chosen:
                alternative &= ~other
        alternatives |= alternative
    return alternatives


def _is_set(field: str) -> models.Q:
    return models.Q(**{f"{field}__isnull": False})


class Grant(Addressable):
    """One target, one principal, one role; `deny` turns it round, and wins. A section can only be denied."""

    collection = models.ForeignKey(Collection, models.CASCADE, null=True, related_name="grants")
    document = models.ForeignKey(Document, models.CASCADE, null=True, related_name="grants")
    section = models.ForeignKey(Section, models.CASCADE, null=True, related_name="grants")
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="grants")
    group = models.ForeignKey(Group, models.CASCADE, null=True, related_name="grants")
    everyone = models.BooleanField(default=False)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.READER)
    deny = models.BooleanField(default=False)
    is_from_source = models.BooleanField(default=False, db_default=False)
    """Written by the run of a source: it counts for whoever reads the document's collection, and for nobody else."""
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=_exactly_one(_is_set("collection"), _is_set("document"), _is_set("section")),
                name="grant_has_one_target",
            ),
            models.CheckConstraint(
                condition=_exactly_one(_is_set("user"), _is_set("group"), models.Q(everyone=True)),
                name="grant_has_one_principal",
            ),
            models.CheckConstraint(
                condition=models.Q(section__isnull=True) | models.Q(deny=True), name="section_grant_denies"
            ),
            models.UniqueConstraint(
                fields=[
                    *("collection", "document", "section", "user", "group", "everyone", "deny"),
                    "is_from_source",
                ],
                name="grant_is_given_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(is_from_source=False)
                | models.Q(deny=False, document__isnull=False, role=Role.READER, user__isnull=True),
                name="grant_from_a_source_lets_groups_read_a_document",
            ),
        ]
