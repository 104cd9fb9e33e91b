"""Can this person read this passage, and by which rule? For those who have to answer for it.

The verdict is the database's own, by the functions that searching and row-level security use; the rules are the
grants that reach the person. A test holds the two together.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils import timezone

from kbchat.access.gate import access_version
from kbchat.access.models import Role
from kbchat.accounts.models import User, is_email
from kbchat.core.errors import NotFound
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer


class Rule(StrEnum):
    """In the order in which they decide. The first group forbids, the second allows, NOTHING is what is left."""

    NOT_ACTIVE = "person_not_active"
    NOT_IN_FORCE = "version_not_in_force"
    COLLECTION_DENIED = "collection_denied"
    DOCUMENT_DENIED = "document_denied"
    SECTION_CLOSED = "section_closed"
    VERSION_UNCONFIRMED = "version_unconfirmed"
    COLLECTION_OWNED = "collection_owned"
    COLLECTION_GRANTED = "collection_granted"
    DOCUMENT_GRANTED = "document_granted"
    OWN_LIST = "own_list"
    NOTHING = "no_grant"


FORBIDDING = frozenset(list(Rule)[:6])
ALLOWING = frozenset({Rule.COLLECTION_OWNED, Rule.COLLECTION_GRANTED, Rule.DOCUMENT_GRANTED})


@dataclass(frozen=True, slots=True)
class Reason:
    """`through`: the groups from the one that has the grant down to the one that the person is in; () for a grant to
    himself or to everyone. `heading`: of the closed section."""

    rule: Rule
    role: str = ""
    through: tuple[str, ...] = ()
    heading: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    can_read: bool
    reasons: tuple[Reason, ...]


_DENIED = {
    "collection": Rule.COLLECTION_DENIED,
    "document": Rule.DOCUMENT_DENIED,
    "section": Rule.SECTION_CLOSED,
}


class _Grant(NamedTuple):
    """A row of _GRANTS."""

    target: str
    deny: bool
    role: str
    heading: list[str] | None
    through: list[str] | None


_SEEN = """
SELECT EXISTS (SELECT 1 FROM ingestion_chunk WHERE version_id = %(version)s AND start < %(end)s AND "end" > %(start)s)
"""
_VERDICT = """
SELECT EXISTS (
    SELECT 1 FROM ingestion_chunk c
    WHERE c.version_id = %(version)s AND c.start < %(end)s AND c."end" > %(start)s
      AND c.version_id IN (SELECT kbchat_searchable_versions(%(person)s, %(today)s))
      AND c.section_id NOT IN (SELECT kbchat_closed_sections(%(person)s))
)
"""
# Every grant that reaches the person and has to do with this place, with the groups on the way.
_GRANTS = """
WITH RECURSIVE reached(group_id, names) AS (
    SELECT m.group_id, ARRAY[g.name::text] FROM accounts_membership m JOIN accounts_group g ON g.id = m.group_id
    WHERE m.user_id = %(person)s
    UNION
    SELECT i.container_id, g.name::text || r.names FROM accounts_groupinclusion i
    JOIN reached r ON i.included_id = r.group_id JOIN accounts_group g ON g.id = i.container_id
    WHERE NOT g.name::text = ANY (r.names)
),
standing(id, parent_id) AS (
    SELECT s.id, s.parent_id FROM documents_section s WHERE s.id IN (
        SELECT section_id FROM ingestion_chunk WHERE version_id = %(version)s AND start < %(end)s AND "end" > %(start)s)
    UNION
    SELECT s.id, s.parent_id FROM documents_section s JOIN standing x ON s.id = x.parent_id
)
SELECT CASE WHEN g.collection_id IS NOT NULL THEN 'collection' WHEN g.document_id IS NOT NULL THEN 'document'
    ELSE 'section' END, g.deny, g.role, s.path,
    (SELECT r.names FROM reached r WHERE r.group_id = g.group_id ORDER BY cardinality(r.names), r.names LIMIT 1)
FROM access_grant g LEFT JOIN documents_section s ON s.id = g.section_id
WHERE (g.everyone OR g.user_id = %(person)s OR g.group_id IN (SELECT group_id FROM reached))
  AND (g.collection_id = %(collection)s OR g.document_id = %(document)s
       OR g.section_id IN (SELECT id FROM standing))
  AND (NOT g.is_from_source
       OR %(collection)s IN (SELECT c.collection_id FROM kbchat_collections_of(%(person)s) c))
ORDER BY g.deny DESC, g.created_at, g.id
"""


def explain(viewer: Viewer, email: str, version_id: UUID, span: Span) -> Explanation:
    """Whether the person would be answered from this place today. Inside `viewing`; for owners of the collection,
    and for administrators who may read it themselves.

    Raises NotFound (the version, a passage at this place, the person) and NotAllowed.
    """
    role = Role.READER if viewer.is_administrator else Role.OWNER
    version = access_version(viewer, version_id, role=role)
    person = User.objects.filter(is_email(email.strip())).first()
    if person is None:
        raise NotFound
    document = version.document
    today = timezone.localdate()
    place: dict[str, Any] = {
        "person": person.pk,
        "today": today,
        "version": version.pk,
        "document": document.pk,
        "collection": document.collection_id,
        "start": span.start,
        "end": span.end,
    }
    if not _is_there(place):
        raise NotFound
    reasons = [] if person.is_active else [Reason(Rule.NOT_ACTIVE)]
    if version.in_force is None or today not in version.in_force:
        reasons.append(Reason(Rule.NOT_IN_FORCE))
    with connection.cursor() as cursor:
        cursor.execute(_VERDICT, place)
        can_read = cursor.fetchone() == (True,)
        cursor.execute(_GRANTS, place)
        grants = [_Grant(*row) for row in cursor.fetchall()]
        reasons += [_reason(grant, has_own_list=document.has_own_list) for grant in grants]
        cursor.execute(
            "SELECT %(version)s IN (SELECT kbchat_withheld_versions(%(person)s))",
            place,
        )
        if cursor.fetchone() == (True,):
            reasons.append(Reason(Rule.VERSION_UNCONFIRMED))
    return Explanation(can_read, tuple(sorted(reasons, key=_rank)) or (Reason(Rule.NOTHING),))


def _is_there(place: dict[str, Any]) -> bool:
    """Whether who asks can see the place himself: of what is closed to him, nothing is explained."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, place)
        return bool(cursor.fetchone() == (True,))


def _reason(grant: _Grant, *, has_own_list: bool) -> Reason:
    through = tuple(grant.through or ())
    if grant.deny:
        return Reason(_DENIED[grant.target], through=through, heading=tuple(grant.heading or ()))
    rule = Rule.DOCUMENT_GRANTED
    if grant.target == "collection" and grant.role == Role.OWNER:
        rule = Rule.COLLECTION_OWNED
    elif grant.target == "collection":
        rule = Rule.OWN_LIST if has_own_list else Rule.COLLECTION_GRANTED
    return Reason(rule, grant.role, through)


def _rank(reason: Reason) -> int:
    return list(Rule).index(reason.rule)
