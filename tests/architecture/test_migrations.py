"""The code of before, which still runs, does not know what a migration takes away or asks for (F35): a column that is
added has a value by itself, and nothing that is there is dropped or renamed in the same release."""

import re

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader

# Until here nobody had a system that could not stand still.
BEFORE = {
    "access": 10,
    "accounts": 9,
    "audit": 3,
    "chat": 14,
    "documents": 4,
    "evaluation": 1,
    "glossary": 1,
    "indexing": 5,
    "ingestion": 3,
    "insights": 3,
    "library": 1,
    "rebuilding": 5,
    "retention": 2,
    "scheduling": 1,
    "upkeep": 1,
}
_TAKES_AWAY = re.compile(
    r"\bDROP\s+(TABLE|COLUMN|FUNCTION|VIEW|TYPE)\b|\bRENAME\b|\bSET\s+NOT\s+NULL\b", re.IGNORECASE
)


def later() -> list[tuple[str, migrations.Migration]]:
    loaded = MigrationLoader(None).disk_migrations
    return [
        (f"{app}.{name}", migration)
        for (app, name), migration in sorted(loaded.items())
        if app in BEFORE and int(name[:4]) > BEFORE[app]
    ]


def statements(operation: migrations.RunSQL) -> str:
    return operation.sql if isinstance(operation.sql, str) else "\n".join(map(str, operation.sql))


@pytest.mark.parametrize(("name", "migration"), later())
def test_the_code_of_before_can_work_beside_it(name: str, migration: migrations.Migration) -> None:
    for operation in migration.operations:
        if isinstance(operation, migrations.AddField):
            one = operation.field
            has_value = one.null or one.many_to_many or one.db_default is not models.NOT_PROVIDED
            assert has_value, f"{name}: {operation.name} has no db_default, and no INSERT of before names it"
        if isinstance(operation, migrations.RunSQL):
            assert not _TAKES_AWAY.search(statements(operation)), f"{name}: what the code of before asks for"
        assert not isinstance(
            operation,
            migrations.RemoveField | migrations.DeleteModel | migrations.RenameField | migrations.RenameModel,
        ), f"{name}: {operation.describe()}"


def test_something_is_looked_at() -> None:
    assert {"chat.0015_temporary_conversations", "access.0012_readers_from_sources"} <= dict(later()).keys()
