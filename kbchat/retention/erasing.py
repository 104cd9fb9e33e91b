"""Erasing a person: what he asked and said goes, and so does all by which he was known. His id stays as a pseudonym, in
the audit trail and where he sent documents in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from kbchat.access.granting import has_owner
from kbchat.access.models import Grant
from kbchat.access.viewing import viewing
from kbchat.accounts.factors import take_all
from kbchat.accounts.managing import administrator, sole_administrator
from kbchat.accounts.models import DirectoryPerson, Membership, User
from kbchat.accounts.people import deactivate
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import gathered
from kbchat.core.errors import Conflict, Invalid, NotFound
from kbchat.core.viewer import Viewer
from kbchat.retention.models import ErasureReceipt, LegalHold


@dataclass(frozen=True, slots=True)
class Erasure:
    """A receipt. `person`: his pseudonym; `conversations`, `questions`: how many of them went."""

    id: UUID
    person_id: UUID
    person: str
    erased_by: str
    erased_at: datetime
    conversations: int
    questions: int


def erase_person(viewer: Viewer, person_id: UUID) -> Erasure:
    """For administrators; the receipt stays. Raises NotFound; Conflict("person_held"); Invalid("erases_himself" or
    "person_is_last_owner")."""
    with gathered(), viewing(viewer):
        by = sole_administrator(viewer)
        person = User.objects.select_for_update().filter(pk=person_id).first()
        if person is None:
            raise NotFound
        if person.pk == viewer.user_id:
            raise Invalid("erases_himself")
        if LegalHold.objects.filter(person=person).exists():
            raise Conflict("person_held")
        deactivate(person, by=by)
        take_all(person, by=by)
        _take_grants(person)
        Membership.objects.filter(user=person).delete()
        DirectoryPerson.objects.filter(user=person).delete()
        with connection.cursor() as cursor:
            cursor.execute("SELECT conversations, turns FROM kbchat_erase_person(%s)", [person.pk])
            conversations, questions = cursor.fetchone()
        _forget(person)
        receipt = ErasureReceipt.objects.create(
            person_id=person.pk,
            erased_by=viewer.user_id,
            conversations=conversations,
            questions=questions,
        )
        by.record(AuditAction.PERSON_ERASED, person=person.pk, conversations=conversations, turns=questions)
        [erasure] = _erasures([receipt])
    return erasure


def list_erasures(viewer: Viewer) -> list[Erasure]:
    """Newest first. Raises NotFound for whoever is no administrator."""
    administrator(viewer)
    with viewing(viewer):
        return _erasures(list(ErasureReceipt.objects.order_by("-erased_at", "pk")))


def _erasures(receipts: list[ErasureReceipt]) -> list[Erasure]:
    who = {each.person_id for each in receipts} | {each.erased_by for each in receipts}
    names = dict(User.objects.filter(pk__in=who).values_list("pk", "name"))
    return [
        Erasure(
            id=each.pk,
            person_id=each.person_id,
            person=names.get(each.person_id, ""),
            erased_by=names.get(each.erased_by, ""),
            erased_at=each.erased_at,
            conversations=each.conversations,
            questions=each.questions,
        )
        for each in receipts
    ]


def _take_grants(person: User) -> None:
    grants = list(Grant.objects.filter(user=person))
    owned = {each.collection_id for each in grants if each.collection_id and each.role == "owner"}
    Grant.objects.filter(user=person).delete()
    if not all(has_owner(collection) for collection in owned):
        raise Invalid("person_is_last_owner")


def _forget(person: User) -> None:
    """No mail reaches him, no password lets him in, and his name says which events were his."""
    person.name = f"#{person.pk.hex[:8]}"
    person.email = f"{person.pk.hex}@erased.invalid"
    person.is_administrator = person.is_auditor = False
    person.last_login = None
    person.set_unusable_password()
    person.save()
