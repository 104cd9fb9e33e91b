"""SCIM's filters as queries: comparisons by `eq`, joined by `and`, over what directories look up by."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import CompareOperator, Comparison, FilterNode, LogicalExpr, LogicalOperator, ValuePath

from kbchat.accounts.models import is_email
from kbchat.core.typed_text import storable

Condition = Callable[[str], Q]


def _by_id(value: str) -> Q:
    try:
        return Q(pk=UUID(value))
    except ValueError:
        return Q(pk=None)


def _by_member(value: str) -> Q:
    try:
        member = UUID(value)
    except ValueError:
        return Q(pk=None)
    return Q(memberships__user_id=member) | Q(inclusions__included_id=member)


USER_CONDITIONS: Final[Mapping[str, Condition]] = {
    "id": _by_id,
    "username": lambda value: (
        Q(directory__user_name__iexact=value) | (Q(directory__isnull=True) & is_email(value))
    ),
    "externalid": lambda value: Q(directory__external_id=value) & ~Q(directory__external_id=""),
    "displayname": lambda value: Q(name__iexact=value),
    "emails": is_email,
    "emails.value": is_email,
}
GROUP_CONDITIONS: Final[Mapping[str, Condition]] = {
    "id": _by_id,
    "displayname": lambda value: Q(name__iexact=value),
    "externalid": lambda value: Q(external_id=value) & ~Q(external_id=""),
    "members": _by_member,
    "members.value": _by_member,
}


def condition_of(asked: "ScimFilter[Any] | None", known: Mapping[str, Condition]) -> Q:
    """Raises InvalidFilterException for a filter that is not of this kind."""
    return _condition(asked.ast, known) if asked is not None else Q()


def _condition(node: FilterNode, known: Mapping[str, Condition], above: str = "") -> Q:
    match node:
        case LogicalExpr(op=LogicalOperator.and_, terms=terms):
            all_of = Q()
            for term in terms:
                all_of &= _condition(term, known, above)
            return all_of
        case ValuePath(attr_path=path, val_filter=inner, sub_attr=None):
            return _condition(inner, known, above=f"{path.attr}.")
        case Comparison(attr_path=path, op=CompareOperator.eq, value=str(value)):
            name = f"{above}{path.attr}{f'.{path.sub_attr}' if path.sub_attr else ''}".lower()
            if name in known:
                return known[name](storable(value))
            # Every e-mail here is one of work.
            if name == "emails.type":
                return Q() if value.lower() == "work" else Q(pk=None)
    raise InvalidFilterException(filter=str(node))
