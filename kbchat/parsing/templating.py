"""Markdown sources as site generators take them, before Markdown sees them.

Liquid and Jinja tags, admonitions of four dialects and attribute lists become plain Markdown, so that no
tag is left in the text and no text is lost with a tag. Code is left alone: there a tag is what is meant.
Nothing is executed: a variable has no value here and leaves nothing.
"""

import re

_MARKUP = re.compile(
    r"""
      (?P<fence>^[ \t>]*(?P<ticks>`{3,}|~{3,})[^\n]*\n .*? (?:^[ \t>]*(?P=ticks)[`~]*[ \t]*$|\Z))
    | (?P<span>(?<!`)(?P<tick>`+)(?!`) (?:(?!\n[ \t]*\n).)+? (?<!`)(?P=tick)(?!`))
    | (?P<raw>\{%-?\s*raw\s*-?%\} (?P<literal>.*?) \{%-?\s*endraw\s*-?%\})
    | (?P<comment>\{%-?\s*comment\s*-?%\} .*? \{%-?\s*endcomment\s*-?%\} | \{\#(?!\w[\w-]*\}).*?\#\})
    | (?P<tag>\{%-?\s*(?P<name>[\w-]*)(?P<arguments>.*?)-?%\})
    | (?P<output>\{\{(?P<value>(?:(?!\n[ \t]*\n).)*?)\}\})
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_RAW_MARK = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}")
_QUOTED = re.compile(r'"([^"\n]*)"' + "|" + r"'([^'\n]*)'")
_LINK_TARGET_BEFORE = re.compile(r"(\]\(|\]:|href\s*=|src\s*=)\s*[<\"']?\s*[^\s\"'<>()]*\Z")
_PATH = re.compile(r"[/\\]|\.\w{2,5}$|^https?:")
# They steer, point or load: their arguments are names of things, not words for a reader.
_WITHOUT_WORDS = re.compile(
    r"(end\w*|if|elsif|else|unless|case|when|for|break|continue|cycle|tablerow|assign|capture|increment|"
    r"decrement|include\w*|render|import|extends|block|set|with|macro|call|filter|layout|page|link|post_url|url|"
    r"download|static|load|\w*icon\w*|toc|\w*-current)?"
)

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
_HTML_TABLE = re.compile(r"<table\b.*?</table\s*>", re.DOTALL | re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")


def as_plain_markdown(source: str) -> str:
    """``source`` (line ends as \\n) without template tags, admonition marks and attribute lists."""
    pairs = set(re.findall(r"\{%-?\s*end([\w-]+)", source))
    kept: list[str] = []
    reached = 0
    for match in _MARKUP.finditer(source):
        kept.append(_without_dialects(source[reached : match.start()]))
        kept.append(_replaced(match, pairs))
        reached = match.end()
    kept.append(_without_dialects(source[reached:]))
    text = _INDENTED_NOTE.sub(_note_with_indented_body, "".join(kept))
    # Markdown ends a table of HTML at its first blank line and takes the indented rest for code.
    return _HTML_TABLE.sub(lambda table: _BLANK_LINES.sub("\n", table[0]), text)


def _replaced(match: re.Match[str], pairs: set[str]) -> str:
    if match["fence"] or match["span"]:
        return _RAW_MARK.sub("", str(match[0]))
    if match["raw"]:
        return str(match["literal"])
    if match["comment"]:
        return ""
    before = match.string[max(match.start() - 200, 0) : match.start()]
    if _LINK_TARGET_BEFORE.search(before):
        return "#"
    if match["output"]:
        literal = _QUOTED.fullmatch(match["value"].strip())
        return str(literal[1] or literal[2] or "") if literal else ""
    return _tag_as_words(match["name"], match["arguments"], pairs)


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


def _without_dialects(text: str) -> str:
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
