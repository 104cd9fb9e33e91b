"""Rights given, taken, nested, closed, opened and moved by chance: after every step, what each person can get by any
way, links included, is what the rule in plain sets says (T2, T3, T15, T20, T22, D2, D10). The machine is in
`rights_machine`.
"""

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.security.rights_beginning import Founded
from tests.security.rights_machine import Rights

pytestmark = pytest.mark.django_db

_ALWAYS = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)
# The same few runs every time; and as many others as an hour allows.
FEW = settings(_ALWAYS, max_examples=12, stateful_step_count=10, derandomize=True)
MANY = settings(_ALWAYS, max_examples=100, stateful_step_count=40)
UNTIL_FOUND = settings(
    _ALWAYS, max_examples=60, stateful_step_count=20, phases=[Phase.generate], report_multiple_bugs=False
)

# Function of the database, a condition of it, and what breaks it.
BROKEN = {
    "groups in groups do not count": (
        "kbchat_groups_of",
        "JOIN reached r ON i.included_id = r.group_id",
        "JOIN reached r ON false",
    ),
    "whoever left still reads": ("kbchat_grants_of", "AND u.is_active", ""),
    "a denied collection is read": ("kbchat_collections_of", "WHERE d.deny", "WHERE false AND d.deny"),
    "an own list keeps nobody out": ("kbchat_shelves_of", "OR NOT o.own_list", "OR true"),
    "what stands below a closed heading is open": (
        "kbchat_closed_sections",
        "ON s.parent_id = c.id",
        "ON false",
    ),
    "a version without the heading is read": ("kbchat_withheld_versions", "WHERE g.deny", "WHERE false"),
    "a link shows what its reader may not read": (
        "kbchat_shared_turns",
        "CASE WHEN h.id IS NULL THEN s.events ELSE '[]' END",
        "s.events",
    ),
    "a revoked link opens": ("kbchat_shared_turns", "s.revoked_at IS NULL AND", ""),
    "a readership without own lists": ("kbchat_access_class", "OR NOT p.has_own_list", "OR true"),
    "a readership without sections": ("kbchat_access_class", "WHERE EXISTS", "WHERE false AND EXISTS"),
    "a readership without denials": (
        "kbchat_access_class",
        "WHERE g.document_id = p.id",
        "WHERE NOT g.deny AND g.document_id = p.id",
    ),
    "a source lets read who does not read the collection": (
        "kbchat_visible_documents",
        "AND d.collection_id IN (SELECT c.collection_id FROM kbchat_collections_of(person) c)",
        "",
    ),
    "a deleted document answers": ("kbchat_visible_documents", "d.deleted_at IS NULL", "true"),
}


@pytest.fixture(autouse=True)
def founded() -> None:
    Rights.founded = Founded.anew()


def test_everything_agrees_with_the_rule_in_sets() -> None:
    run_state_machine_as_test(Rights, settings=FEW)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_everything_agrees_with_the_rule_in_sets_for_long() -> None:
    run_state_machine_as_test(Rights, settings=MANY)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_rule_is_found(what: str) -> None:
    _break(*BROKEN[what])
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        run_state_machine_as_test(Rights, settings=UNTIL_FOUND)


def _break(function: str, right: str, wrong: str) -> None:
    """For the time of the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = %s", [function])
        (definition,) = cursor.fetchone() or ("",)
        assert right in definition
        cursor.execute("SET LOCAL ROLE kbchat_owner")
        cursor.execute("GRANT CREATE ON SCHEMA public TO kbchat_gate")
        cursor.execute("SET LOCAL ROLE kbchat_gate")
        cursor.execute(definition.replace(right, wrong))
        cursor.execute("SET LOCAL ROLE kbchat_app")
