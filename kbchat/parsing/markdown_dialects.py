"""What Markdown dialects add: admonitions of four sorts, attribute lists, tables of HTML with blank lines.

Rewritten as plain Markdown, so that no mark of theirs is left in the text and their titles stay.
"""

import re

_ATTRIBUTE_LINE = re.compile(r"^[ \t>]*\{:[^{}\n]*\}[ \t]*$", re.MULTILINE)
_ATTRIBUTES_AT_END = re.compile(
    r"(?<=\S)[ \t]*\{(?::[^{}\n]*|\#[\w-]+(?:\s[^{}\n]*)?)\}[ \t]*$", re.MULTILINE
)
_GITHUB_NOTE = re.compile(r"^([ \t]*(?:>[ \t]*)+)\[!(\w+)\][ \t]*$", re.MULTILINE)
_CONTAINER = re.compile(
    r"^[ \t]*:{3,}[ \t]*(?:\{?(?P<kind>[\w-]+)\}?[ \t]*(?P<title>[^\n]*))?$", re.MULTILINE
)
_INDENTED_NOTE = re.compile(
    r"""^(?P<indent>[ ]*)(?:!!!|\?\?\?\+?)[ \t]+(?P<kind>[\w-]+)[^"\n]*(?:"(?P<title>[^"\n]*)")?[ \t]*\n"""
    r"(?P<body>(?:(?:(?P=indent)(?:[ ]{4}|\t)[^\n]*|[ \t]*)(?:\n|\Z))*)",
    re.MULTILINE,
)
_TABLE_START = re.compile(r"<table\b", re.IGNORECASE)
_TABLE_END = re.compile(r"</table\s*>", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")


def without_dialects(text: str) -> str:
    """``text`` without the marks that stand on a line of their own or at its end; not for code."""
    text = _ATTRIBUTES_AT_END.sub("", _ATTRIBUTE_LINE.sub("", text))
    text = _GITHUB_NOTE.sub(lambda note: f"{note[1]}**{note[2].capitalize()}**\n{note[1].rstrip()}", text)
    return _CONTAINER.sub(_note_without_body, text)


def _note_without_body(match: re.Match[str]) -> str:
    title = (match["title"] or "").strip() or (match["kind"] or "").capitalize()
    return f"\n**{title}**\n" if title else "\n"


def _note_with_indented_body(match: re.Match[str]) -> str:
    title = match["title"] if match["title"] is not None else match["kind"].capitalize()
    indent = match["indent"]
    body = re.sub(rf"^{indent}(?:[ ]{{4}}|\t)", indent, match["body"], flags=re.MULTILINE)
    return f"{indent}**{title}**\n\n{body}" if title else body


def with_notes_opened(text: str) -> str:
    """``text`` with ``!!! note`` and its kin as a title and an ordinary body."""
    return _INDENTED_NOTE.sub(_note_with_indented_body, text)


def with_tables_closed_up(text: str) -> str:
    """``text`` without blank lines inside HTML tables: Markdown would end a table at its first one."""
    kept, reached = [], 0
    while start := _TABLE_START.search(text, reached):
        end = _TABLE_END.search(text, start.end())
        if end is None:
            break
        kept += [text[reached : start.start()], _BLANK_LINES.sub("\n", text[start.start() : end.end()])]
        reached = end.end()
    return "".join([*kept, text[reached:]])
