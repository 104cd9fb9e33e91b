"""Do the sources tell the numbers and dates of a claim, of the matter that it speaks of?"""

from collections.abc import Callable, Iterable
from typing import Final

from kbchat.answering.aligning import Part
from kbchat.answering.claims.claim import Clause, has_date, has_quantity
from kbchat.answering.claims.measuring import COUNT, FEW, Measure, measures_of
from kbchat.answering.dates import CalendarDate
from kbchat.answering.facts import Facts, facts_of

# Of what the nearest part that tells a fact of the kind has, for another to tell it as well.
_TELLS: Final = 0.8
# Of what the nearest part has, for one to speak of the matter.
_NEAR: Final = 0.25
# Said in other words, or left out, more often than not: only what says otherwise counts.
_OPTIONAL: Final = frozenset({"rate", FEW, COUNT})

_Tells = Callable[[str], bool]


def is_told(clause: Clause, given: Facts) -> bool:
    """Every number and date of the clause; `given`: those that need no source."""
    return all(
        has_quantity(given, measure.quantity) or _is_measured(clause, measure)
        for measure in _once(measures_of(clause.text))
    ) and all(has_date(given, date) or _is_dated(clause, date) for date in clause.facts.dates)


def _is_measured(clause: Clause, measure: Measure) -> bool:
    quantity, said = measure.quantity, _once(measures_of(clause.claim.text))
    is_optional = quantity.unit in _OPTIONAL or measure.is_mere

    def holds(text: str) -> bool:
        return any(map(measure.agrees_with, measures_of(text))) or (
            not quantity.unit and has_quantity(Facts((), facts_of(text).dates), quantity)
        )

    def competes(text: str) -> bool:
        return any(
            (
                measure.counts_as(other)
                or (quantity.unit == other.quantity.unit and not (is_optional or other.is_mere))
            )
            and not any(mine.agrees_with(other) for mine in said)
            for other in measures_of(text)
        )

    return _is_told(clause.without(quantity), holds, competes, is_optional=is_optional)


def _is_dated(clause: Clause, date: CalendarDate) -> bool:
    said = clause.claim.facts.dates

    def holds(text: str) -> bool:
        return has_date(facts_of(text), date)

    def competes(text: str) -> bool:
        return any(not any(mine.agrees_with(other) for mine in said) for other in facts_of(text).dates)

    return _is_told(clause.without(date), holds, competes)


def _is_told(clause: Clause, holds: _Tells, competes: _Tells, *, is_optional: bool = False) -> bool:
    """By the nearest of the parts that tell a fact of the kind; or by what announces it or stands above it."""
    parts = [(clause.claim.parts[place], share) for place, share in clause.shares.items()]
    near = _NEAR * clause.best
    holding, holder = max(
        ((share, part) for part, share in parts if holds(part.text)), key=_share, default=(0.0, None)
    )
    rival, other = max(
        ((share, part) for part, share in parts if competes(part.text) and not holds(part.text)),
        key=_share,
        default=(0.0, None),
    )
    in_one_row = holder and other and holder.column and other.column and holder.statement == other.statement
    if holder is not None and holding >= max(rival if in_one_row else _TELLS * rival, near):
        return True
    if rival >= _TELLS * clause.best:
        return False
    return is_optional or any(
        holds(part.announcing) or holds(part.above) for part, share in parts if share >= near
    )


def _share(found: tuple[float, Part | None]) -> float:
    return found[0]


def _once(measures: Iterable[Measure]) -> Iterable[Measure]:
    """Of those that say the same, one."""
    return {
        (each.quantity.value, each.quantity.unit, each.quantity.kind, each.bound, each.per): each
        for each in measures
    }.values()
