"""The data block that many Markdown files begin with: YAML between ``---``, TOML between ``+++``.

It is not part of the text. Only the title is taken out of it; nothing in it is executed or expanded.
"""

import re
import tomllib
from dataclasses import dataclass

import yaml

_YAML = re.compile(
    r"---[ \t]*\n(?P<inside>.*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_TOML = re.compile(r"\+\+\+[ \t]*\n(?P<inside>.*?)(?:^|\n)\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TITLE_LINE = re.compile(r"^title[ \t]*[:=][ \t]*(\S.*)$", re.MULTILINE)
_KEY_FIRST = re.compile(r"\s*(#.*\n\s*)*[\w-]+[ \t]*[:=]")
_LONGEST = 65536


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """``body`` is the rest of the file; ``is_readable`` is False when the block is there but broken."""

    title: str
    body: str
    is_readable: bool = True


def split_front_matter(text: str) -> FrontMatter:
    """``text`` (line ends as \\n) without its data block, and the title named there, or ""."""
    match = _YAML.match(text, 0, _LONGEST) or _TOML.match(text, 0, _LONGEST)
    if match is None:
        return FrontMatter("", text)
    inside, body = match["inside"], text[match.end() :]
    if not inside.strip():
        return FrontMatter("", body)
    if not _KEY_FIRST.match(inside):
        return FrontMatter("", text)  # two rules with prose between them
    try:
        told = tomllib.loads(inside) if text.startswith("+") else yaml.safe_load(inside)
    except (yaml.YAMLError, ValueError, RecursionError):
        line = _TITLE_LINE.search(inside)
        return FrontMatter(line[1].strip(" \t\"'") if line else "", body, is_readable=False)
    title = told.get("title") if isinstance(told, dict) else None
    # Other values than these could be large structures; a title is a word or a number.
    return FrontMatter(str(title) if isinstance(title, str | int | float) else "", body)
