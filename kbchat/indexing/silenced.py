"""Where else a passage that is left out of search stands: in another cut of its version, and in later versions.

Search leaves out what has exactly the span of a silenced passage (kbchat.retrieval.visible). Another cut has other
spans and another version another text, so what is silenced is looked for there by its place and by its words. Called
in a transaction that holds the document, so that nobody publishes, cuts or switches meanwhile.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from kbchat.core.text import Span
from kbchat.documents.models import DocumentVersion, SilencedPassage, VersionContent, VersionState
from kbchat.indexing.generations import policy_that_answers
from kbchat.ingestion.models import Chunk


@dataclass(frozen=True, slots=True)
class NotCarried:
    """A silenced passage of `version_id` that nothing corresponds to: people find what stands there now."""

    version_id: UUID
    span: Span

    def as_stored(self) -> dict[str, str | int]:
        return {"version": str(self.version_id), "start": self.span.start, "end": self.span.end}


def mostly_within(passages: Iterable[Span], places: Sequence[Span]) -> set[Span]:
    """Those of which more than half lies in the places, which do not overlap each other."""
    return {
        passage
        for passage in passages
        if 2 * sum(_shared(passage, place) for place in places) > passage.length
    }


def same_words(span: Span, before: str, after: str) -> Span | None:
    """Where the words of `before[span]` stand in `after`: of several places the one that is as far down among them."""
    words = before[span.start : span.end]
    start = -1
    for _ in range(before.count(words, 0, span.start) + 1):
        start = after.find(words, start + len(words) if start >= 0 else 0)
        if start < 0:
            return None
    return Span(start, start + len(words))


def silence(version_id: UUID, places: Sequence[Span], *, by: UUID | None) -> list[Span]:
    """Whatever index has a passage there, it is left out. Returns the places where one of them has none."""
    by_cut = [mostly_within(spans, places) for spans in _cuts(version_id)]
    SilencedPassage.objects.bulk_create(
        (
            SilencedPassage(version_id=version_id, start=span.start, end=span.end, silenced_by_id=by)
            for span in set().union(*by_cut)
        ),
        ignore_conflicts=True,
    )
    return [
        place for place in places if not all(any(place.overlaps(span) for span in found) for found in by_cut)
    ]


def hear_again(version_id: UUID, places: Sequence[Span]) -> None:
    rows = SilencedPassage.objects.filter(version=version_id)
    spans = {row.pk: Span(row.start, row.end) for row in rows}
    heard = mostly_within(spans.values(), places)
    rows.filter(pk__in=[pk for pk, span in spans.items() if span in heard]).delete()


def in_later_versions(version: DocumentVersion, span: Span) -> list[tuple[UUID, Span]]:
    """Ready versions after this one that say the same, and where: the next may answer from a day to come."""
    later = DocumentVersion.objects.filter(
        document=version.document_id, number__gt=version.number, state=VersionState.READY
    )
    texts = dict(VersionContent.objects.filter(version__in=[version, *later]).values_list("pk", "text"))
    before = texts.pop(version.pk, None)
    if before is None:
        return []
    found = ((pk, same_words(span, before, after)) for pk, after in texts.items())
    return [(pk, place) for pk, place in found if place is not None]


def carry_to_cut(version_id: UUID) -> None:
    """Into passages that were cut just now, from those of the index that answers. A worker's to call."""
    lost = _silence_as(version_id, {_span(row): row for row in _silenced(version_id)})
    _report(version_id, [NotCarried(version_id, _span(row)) for row in lost])


def carry_from_predecessor(version: DocumentVersion) -> list[Span]:
    """Into a version that is published for the first time, from the one before it; what reads otherwise there is said
    in its report. Returns what is silenced. A worker's to call."""
    if version.number == 1:
        return []
    ready = DocumentVersion.objects.filter(document=version.document_id, state=VersionState.READY)
    former = ready.filter(number__lt=version.number).order_by("-number").first()
    rows = _silenced(former.pk) if former else []
    if former is None or not rows:
        return []
    texts = dict(VersionContent.objects.filter(pk__in=[former.pk, version.pk]).values_list("pk", "text"))
    before, after = texts[former.pk], texts[version.pk]
    places = [(same_words(_span(row), before, after), row) for row in rows]
    lost = [row for place, row in places if place is None]
    lost += _silence_as(version.pk, {place: row for place, row in places if place is not None})
    _report(version.pk, [NotCarried(former.pk, _span(row)) for row in lost])
    silenced = SilencedPassage.objects.filter(version=version).order_by("start", "end")
    return [_span(row) for row in silenced]


def _silence_as(version_id: UUID, places: Mapping[Span, SilencedPassage]) -> list[SilencedPassage]:
    """As whoever silenced the former passages. Returns those that an index has no passage for."""
    lost = []
    for by in {row.silenced_by_id for row in places.values()}:
        theirs = [place for place, row in places.items() if row.silenced_by_id == by]
        lost += [places[place] for place in silence(version_id, theirs, by=by)]
    return lost


def _silenced(version_id: UUID) -> list[SilencedPassage]:
    """Passages of the index that answers, in order."""
    cut = Chunk.objects.filter(version=version_id, chunking_policy__in=policy_that_answers())
    spans = set(cut.values_list("start", "end"))
    rows = SilencedPassage.objects.filter(version=version_id).order_by("start")
    return [row for row in rows if (row.start, row.end) in spans]


def _cuts(version_id: UUID) -> list[set[Span]]:
    """Its passages, by how they were cut."""
    chunks = Chunk.objects.filter(version=version_id).values_list("chunking_policy", "start", "end")
    cuts: dict[str, set[Span]] = defaultdict(set)
    for policy, start, end in chunks:
        cuts[policy].add(Span(start, end))
    return list(cuts.values())


def _report(version_id: UUID, lost: Sequence[NotCarried]) -> None:
    if lost:
        version = DocumentVersion.objects.get(pk=version_id)
        told = version.report.get("not_carried", [])
        new = [each.as_stored() for each in lost if each.as_stored() not in told]
        version.report = version.report | {"not_carried": told + new}
        version.save(update_fields=["report"])


def _span(row: SilencedPassage) -> Span:
    return Span(row.start, row.end)


def _shared(one: Span, other: Span) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))
