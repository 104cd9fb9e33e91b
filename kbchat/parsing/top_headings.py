"""Which heading names the whole document, where no style calls it the title. Knows no format."""

import re

from kbchat.parsing.numbered_headings import numbered_rank

_BARE_NUMBER = re.compile(r"\d+\s")
# What programs write into the properties of a file that nobody named, and what came with its template.
_LEFT_OVER = re.compile(
    r"(?:normal|template|vorlage|dokumentvorlage|modèle|plantilla|modello|模板|范本|範本)"
    r"|(?:title|untitled|unbenannt|ohne titel|sans titre|sin título|无标题|無標題|未命名)"
    r"(?: ?(?:document|文档|文件))?[- \d]*"
    r"|(?:doc|document|dokument|documento|文档|文件)[ \d]*"
    r"|(?:microsoft )?(?:office )?word(?: - .*)?"
    r"|(?:new |neues |新建 ?|新增 ?)?(?:microsoft )?(?:office )?(?:word|docx?)[- ]?(?:document|dokument|文档|文件)"
    r"(?: ?[(（]?\d+[)）]?)?"
    r"|.*\S\.(?:do[ct][xm]?|rtf|od[tm]|ott|wp[dst]|pdf|txt|html?)",
    re.IGNORECASE,
)


class TopHeadings:
    """Those of the first rank, in order."""

    def __init__(self) -> None:
        self._first = ""
        self._count = 0
        self._names_one_part = False
        self._begins_with_bare_number = False
        self._opens = False

    def add(self, text: str, *, is_numbered: bool, opens: bool) -> None:
        """``is_numbered``: a number is printed before it; ``opens``: nothing of the document stands before it."""
        text = text.strip()
        if not text:
            return
        if not self._count:
            self._first, self._opens = text, opens
            self._names_one_part = is_numbered or numbered_rank(text, stands_alone=True) is not None
            self._begins_with_bare_number = not is_numbered and _BARE_NUMBER.match(text) is not None
        self._count += 1

    def title(self, told: str) -> str:
        """The only one that there is; else what the file's properties tell; else the one that opens the document.

        Never one with a number, which names one part among others; "5 Rules for safe work" has none as long as no other
        stands beside it. "" where the file's name says more than all of them.
        """
        if self._count == 1 and (not self._names_one_part or self._begins_with_bare_number):
            return self._first
        if told and not _LEFT_OVER.fullmatch(told):
            return told
        return self._first if self._opens and not self._names_one_part else ""
