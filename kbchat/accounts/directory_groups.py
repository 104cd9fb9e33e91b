"""The groups that the company's directory names, followed with every sign-in (T32).

What the directory no longer says is taken away; what people said here stays. Its groups are rows of their own: one that
was made here is never filled by a name that somebody gave to a group elsewhere.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from kbchat.accounts.models import Group, Membership, Source, User
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record

MOST_GROUPS = 1000
_MOST_NAME_CHARACTERS = 200


@transaction.atomic
def follow_groups(person: User, names: Iterable[str]) -> None:
    """Afterwards the directory's memberships of this person are those of `names`; groups are made where missing."""
    # One sign-in of a person after another: the last one to come is the one that counts.
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    named = {_group_named(name) for name in _accepted(names)}
    gone = Membership.objects.filter(user=person, source=Source.DIRECTORY).exclude(group__in=named)
    left = list(gone.values_list("group_id", flat=True))
    gone.delete()
    held = set(Membership.objects.filter(user=person).values_list("group_id", flat=True))
    entered = sorted(named - held)
    Membership.objects.bulk_create(
        [Membership(user=person, group_id=group, source=Source.DIRECTORY) for group in entered]
    )
    if left or entered:
        record(person.pk, AuditAction.DIRECTORY_FOLLOWED, person=person.pk, entered=entered, left=left)


def _accepted(names: Iterable[str]) -> list[str]:
    """In a fixed order, so that two sign-ins make groups without waiting for each other. A name that is too long is
    none: cut off, it might be another's."""
    fitting = {name.strip() for name in names if 0 < len(name.strip()) <= _MOST_NAME_CHARACTERS}
    return sorted(fitting)[:MOST_GROUPS]


def _group_named(name: str) -> UUID:
    known = Group.objects.filter(Q(external_id=name) | Q(name=name), source=Source.DIRECTORY)
    found = known.order_by("external_id").first()
    if found is None:
        found, _ = Group.objects.get_or_create(
            external_id=name, defaults={"name": _free(name), "source": Source.DIRECTORY}
        )
    return found.pk


def _free(name: str) -> str:
    """The name, or, where a group here has it, the name with a mark."""
    chosen, number = name, 1
    while Group.objects.filter(name=chosen).exists():
        number += 1
        mark = f" ({number})"
        chosen = name[: _MOST_NAME_CHARACTERS - len(mark)] + mark
    return chosen
