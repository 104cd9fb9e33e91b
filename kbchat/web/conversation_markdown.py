"""A conversation as a Markdown file: each answer with its numbers, and below it what they point to."""

import re
from collections.abc import Iterator

from kbchat.answering.events import CitationAdded, TextAdded, TextRange, TextWithdrawn
from kbchat.chat.conversations import TurnDetail
from kbchat.chat.exporting import ConversationExport
from kbchat.chat.record import NumberedEvent, citations_of, sources_of
from kbchat.sentences import say

_ACTIVE = re.compile(r"(?<!\\)((?:\\\\)*)(!(?=\[)|<(?=[A-Za-z/!?]))")


def as_markdown(export: ConversationExport, *, language: str, address: str) -> str:
    """`address`: of this kbchat, without a slash at its end; sources are linked there."""
    parts = [f"# {_line(export.title)}"]
    for turn in export.turns:
        parts += [f"## {_line(turn.question)}", f"*{turn.created_at:%Y-%m-%d %H:%M} UTC*"]
        parts += _answer(turn, language, address)
    # Neither pictures nor markup: a viewer of Markdown would load what they name (T37).
    return _ACTIVE.sub(r"\1\\\2", "\n\n".join(parts)) + "\n"


def _answer(turn: TurnDetail, language: str, address: str) -> Iterator[str]:
    if turn.masked:
        yield "> " + _word("export_masked", language)
        return
    text = numbered_text(turn.events).strip()
    if text:
        yield text
    if turn.state != "done":
        yield "> " + _word("export_incomplete", language)
    lines = list(_sources(turn.events, language, address))
    if lines:
        yield "**" + _word("export_sources", language) + "**"
        yield "\n".join(lines)


def numbered_text(events: list[NumberedEvent]) -> str:
    """The answer with [n] where it cites, without what was withdrawn."""
    text = "".join(item.event.text for item in events if isinstance(item.event, TextAdded))
    edits = [(cited.at, cited.at, f" [{cited.number}]") for cited in _standing(events)]
    edits += [(cut.start, cut.end, "") for cut in _cuts(events)]
    # From the end, so that the places before stay where they are; of two marks at one place the later comes first.
    for start, end, words in sorted(edits, key=lambda edit: edit[0], reverse=True):
        text = text[:start] + words + text[end:]
    return text


def _standing(events: list[NumberedEvent]) -> list[CitationAdded]:
    """The citations of what was not withdrawn."""
    cuts = _cuts(events)
    return [
        cited for cited in citations_of(events) if not any(cut.start < cited.at <= cut.end for cut in cuts)
    ]


def _cuts(events: list[NumberedEvent]) -> list[TextRange]:
    return [item.event.range for item in events if isinstance(item.event, TextWithdrawn)]


def _sources(events: list[NumberedEvent], language: str, address: str) -> Iterator[str]:
    offered = {source.number: source for source in sources_of(events)}
    seen: set[int] = set()
    for citation in _standing(events):
        source = offered.get(citation.source)
        if source is None or citation.number in seen:
            continue
        seen.add(citation.number)
        place = " › ".join(_line(part) for part in [source.title, *source.heading_path])
        page = ", " + _word("export_page", language, page=citation.page) if citation.page else ""
        link = f"{address}/d/{citation.document_id}/{citation.version_id}?start={citation.start}&end={citation.end}"
        yield f"{citation.number}. [{_escaped(place)}]({link}){page}: “{_line(citation.quote)}”"


def _word(code: str, language: str, **facts: str | int) -> str:
    return say(code, facts, language)[0]


def _line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
