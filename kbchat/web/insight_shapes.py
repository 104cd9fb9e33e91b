"""What goes over the wire of insights, for administrators."""

from datetime import date
from uuid import UUID

from kbchat.web.shapes import Shape


class Figures(Shape):
    """`waited_p50`, `waited_p95`: seconds to the first word; None: no answer had one."""

    questions: int
    people: int
    waited_p50: float | None
    waited_p95: float | None
    answered: int
    not_found: int
    failed: int
    stopped: int
    helpful: int
    unhelpful: int


class DayFigures(Shape):
    """`figures` None: of too few people of the group, or of none."""

    day: date
    figures: Figures | None


class CitedDocument(Shape):
    """`answers`: how many cite it."""

    id: UUID
    title: str
    answers: int


class Insights(Shape):
    """`days`: in UTC, the oldest first. `total`: of those with figures together. `documents`: those that the reader
    may read, the most cited first."""

    days: list[DayFigures]
    total: Figures
    documents: list[CitedDocument]
