"""Markdown sources as site generators take them, before Markdown sees them.

Liquid and Jinja tags become plain Markdown, so that no tag is left in the text and no text is lost with a
tag, and shortcodes of Hugo and comments leave nothing. Code is left alone: there a tag is what is meant. On a page
without tags {{ name }} and {# name #} are what is meant, too: blanks of a letter, to fill in. Nothing is executed: a
template's variable has no value here and leaves nothing.
Passes go from left to right, in time that grows with the length alone.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from markdown_it import MarkdownIt

from kbchat.parsing.markdown_dialects import with_notes_opened, with_tables_closed_up, without_dialects

_OPENER = re.compile(
    r"(?P<fence>^[ \t>]*(?P<ticks>`{3,}|~{3,})[^\n]*$)|(?P<span>`+)|(?P<anchor>\{\#[\w-]+\})"
    r"|(?P<tag>\{%)|(?P<shortcode>\{\{[<%])|(?P<output>\{\{)|(?P<comment>\{\#)",
    re.MULTILINE,
)
_TAG = re.compile(r"-?\s*(?P<name>[\w-]*)(?P<arguments>.*?)-?\Z", re.DOTALL)
_MARK_IN_INDENTED_LINE = re.compile(r"^(?: {4}| {0,3}\t)[^\n]*?\{[{%#]", re.MULTILINE)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_RAW_MARK = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}")
_PAIR_ENDS = {name: re.compile(r"\{%-?\s*end" + name + r"\s*-?%\}") for name in ("raw", "comment")}
_SHORTCODE_ENDS = {"{{<": ">}}", "{{%": "%}}"}
_NAME = re.compile(r"[\w.-]+")
_QUOTED = re.compile(r'"([^"\n]*)"' + "|" + r"'([^'\n]*)'")
_LINK_TARGET_BEFORE = re.compile(r"(\]\(|\]:|href\s*=|src\s*=)\s*[<\"']?\s*[^\s\"'<>()]*\Z")
_PATH = re.compile(r"[/\\]|\.\w{2,5}$|^https?:")
_LONGEST_TAG = 4000
_LONGEST_SPAN = 2000
# They steer, point or load: their arguments are names of things, not words for a reader.
_WITHOUT_WORDS = re.compile(
    r"(end\w*|if|elsif|else|unless|case|when|for|break|continue|cycle|tablerow|assign|capture|increment|"
    r"decrement|include\w*|render|import|extends|block|set|with|macro|call|filter|layout|page|link|post_url|url|"
    r"download|static|load|\w*icon\w*|toc|\w*-current)?"
)


def as_plain_markdown(source: str) -> str:
    """``source`` (line ends as \\n) without template tags, admonition marks and attribute lists."""
    return with_tables_closed_up(with_notes_opened("".join(_Scanner(source).parts())))


class _Scanner:
    def __init__(self, source: str) -> None:
        self._source = source
        self._indented = _indented_code(source)
        self._is_template = self._has_tags()
        self._pairs = set(re.findall(r"\{%-?\s*end([\w-]+)", source))
        self._never_again: set[str] = set()
        """Closing marks known to be missing from here on: nobody looks for them twice."""

    def parts(self) -> Iterator[str]:
        """The source in pieces, each replaced by what stays of it."""
        reached = position = 0
        while opener := _OPENER.search(self._source, position):
            start, end, kept = opener.start(), *self._replaced(opener)
            if end is None:
                position = opener.end()
                continue
            yield without_dialects(self._source[reached:start])
            yield kept
            reached = position = end
        yield without_dialects(self._source[reached:])

    def _replaced(self, opener: re.Match[str]) -> tuple[int | None, str]:
        """Where the thing that ``opener`` opens ends, and what stays of it; (None, "") when it is nothing."""
        end = self._end_of_code(opener)
        if end is not None:
            return end, _RAW_MARK.sub("", self._source[opener.start() : end])
        if opener["tag"]:
            return self._tag(opener)
        if opener["shortcode"]:
            return self._shortcode(opener)
        if opener["output"]:
            return self._output(opener)
        return self._comment(opener) if opener["comment"] else (None, "")

    def _has_tags(self) -> bool:
        """Whether a tag stands anywhere but in code."""
        position = 0
        while opener := _OPENER.search(self._source, position):
            end = self._end_of_code(opener)
            if end is None and opener["tag"]:
                return True
            position = opener.end() if end is None else end
        return False

    def _end_of_code(self, opener: re.Match[str]) -> int | None:
        """Where the code ends that ``opener`` stands in or begins, None when there is none."""
        place = bisect_right(self._indented, (opener.start(), len(self._source))) - 1
        if place >= 0 and opener.start() < self._indented[place][1]:
            return self._indented[place][1]
        if opener["fence"]:
            return self._end_of_fence(opener)
        return self._end_of_span(opener) if opener["span"] else None

    def _end_of_fence(self, opener: re.Match[str]) -> int:
        closing = re.compile(rf"^[ \t>]*{opener['ticks']}[`~]*[ \t]*$", re.MULTILINE)
        found = closing.search(self._source, opener.end())
        return found.end() if found else len(self._source)

    def _end_of_span(self, opener: re.Match[str]) -> int | None:
        blank = _BLANK_LINE.search(self._source, opener.end(), opener.end() + _LONGEST_SPAN)
        limit = blank.start() if blank else opener.end() + _LONGEST_SPAN
        closing = re.compile(rf"(?<!`){opener['span']}(?!`)")
        found = closing.search(self._source, opener.end(), limit)
        return found.end() if found else None

    def _tag(self, opener: re.Match[str]) -> tuple[int | None, str]:
        end = self._source.find("%}", opener.end(), opener.end() + _LONGEST_TAG)
        tag = _TAG.match(self._source[opener.end() : end]) if end >= 0 else None
        if tag is None:
            return None, ""
        name = tag["name"]
        if name in _PAIR_ENDS and name not in self._never_again:
            closing = _PAIR_ENDS[name].search(self._source, end + 2)
            if closing is not None:
                return closing.end(), self._source[end + 2 : closing.start()] if name == "raw" else ""
            self._never_again.add(name)
        if self._is_link_target(opener.start()):
            return end + 2, "#"
        return end + 2, _tag_as_words(name, tag["arguments"], self._pairs)

    def _shortcode(self, opener: re.Match[str]) -> tuple[int | None, str]:
        end = self._source.find(
            _SHORTCODE_ENDS[opener["shortcode"]], opener.end(), opener.end() + _LONGEST_TAG
        )
        if end < 0 or _BLANK_LINE.search(self._source, opener.end(), end):
            return None, ""
        return end + 3, "#" if self._is_link_target(opener.start()) else ""

    def _comment(self, opener: re.Match[str]) -> tuple[int | None, str]:
        end = self._source.find("#}", opener.end(), opener.end() + _LONGEST_TAG)
        if end < 0:
            return None, ""
        is_name = _NAME.fullmatch(self._source[opener.end() : end].strip()) is not None
        return (None, "") if is_name and not self._is_template else (end + 2, "")

    def _output(self, opener: re.Match[str]) -> tuple[int | None, str]:
        end = self._source.find("}}", opener.end(), opener.end() + _LONGEST_TAG)
        value = self._source[opener.end() : end]
        if end < 0 or _BLANK_LINE.search(value):
            return None, ""
        if self._is_link_target(opener.start()):
            return end + 2, "#"
        literal = _QUOTED.fullmatch(value.strip())
        if literal is None and not self._is_template:
            return None, ""
        return end + 2, str(literal[1] or literal[2] or "") if literal else ""

    def _is_link_target(self, position: int) -> bool:
        return bool(_LINK_TARGET_BEFORE.search(self._source[max(position - 200, 0) : position]))


def _indented_code(source: str) -> list[tuple[int, int]]:
    """Where blocks of indented code begin and end, if any has a mark inside."""
    if not _MARK_IN_INDENTED_LINE.search(source):
        return []
    lines = [0, *(end.end() for end in re.finditer("\n", source)), len(source)]
    tokens = MarkdownIt("commonmark").disable("inline").parse(source)
    spans = [token.map for token in tokens if token.type == "code_block" and token.map]
    return [(lines[begin], lines[min(end, len(lines) - 1)]) for begin, end in spans]


def _tag_as_words(name: str, arguments: str, pairs: set[str]) -> str:
    """What a tag standing in the text leaves there: its words, as a heading line if it opens a box."""
    if name in ("highlight", "endhighlight"):
        return "\n```\n"
    if name.startswith("end") and name[3:] not in ("if", "for", "unless", "case"):
        return "\n\n"
    if _WITHOUT_WORDS.fullmatch(name):
        return ""
    words: list[str] = [first or second for first, second in _QUOTED.findall(arguments)]
    if name in pairs:
        return f"\n\n**{words[0]}**\n\n" if words and words[0].strip() else "\n\n"
    words = [word for word in words if word.strip() and not _PATH.search(word)]
    if not words:
        return ""
    if name.startswith(("image", "img", "figure")):
        return f"![{words[-1]}](#)"
    is_channel = "channel" in name and len(words) == 1
    return ("&#35;" if is_channel else "") + words[-1]
