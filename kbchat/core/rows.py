"""Rows of models by a statement that is written out: for what is asked for each document, because a query set takes
longer to become a statement than the statement takes."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model


def read_rows(statement: str, parameters: Mapping[str, Any], **models: type[Model]) -> list[tuple[Any, ...]]:
    """An object of each model for each row. `statement` begins with FROM, where each model's table stands under the
    name by which the model is given."""
    columns = ", ".join(_columns(model, name) for name, model in models.items())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} {statement}", parameters)
        return [_objects(models.values(), row) for row in cursor.fetchall()]


def _objects(models: Any, row: Sequence[Any]) -> tuple[Any, ...]:
    objects, start = [], 0
    for model in models:
        names, converters = _fields(model)
        values = list(row[start : start + len(names)])
        for place, convert in converters:
            values[place] = convert(values[place], None, connection)
        objects.append(model.from_db(connection.alias, names, values))
        start += len(names)
    return tuple(objects)


@cache
def _columns(model: type[Model], name: str) -> str:
    return ", ".join(f'{name}."{field.column}"' for field in model._meta.concrete_fields)


@cache
def _fields(model: type[Model]) -> tuple[list[str], list[tuple[int, Any]]]:
    """Their names, and what makes a value of what the database gives, by place, where they are not the same."""
    fields = model._meta.concrete_fields
    converters = [
        (place, field.from_db_value) for place, field in enumerate(fields) if hasattr(field, "from_db_value")
    ]
    return [field.attname for field in fields], converters
