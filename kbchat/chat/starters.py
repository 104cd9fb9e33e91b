"""Questions to begin with, made from the headings of what a person may read, in his language where he reads any."""

import re
from collections.abc import Iterable
from typing import Final

from django.utils import timezone

from kbchat.access.gate import visible_documents
from kbchat.access.viewing import viewing
from kbchat.analysis import language_of
from kbchat.core.viewer import Viewer
from kbchat.documents.models import DocumentVersion, Section

_MOST = 4
_DOCUMENTS_LOOKED_AT = 40
_NUMBERING: Final = re.compile(
    r"^(?:第[一二三四五六七八九十百\d]+[章节条部分篇]+|[一二三四五六七八九十]+[、.．]|[（(][一二三四五六七八九十\d]+[)）]"
    r"|(?:chapter|section|part)\s+(?:\d+|[ivxlc]+)\b[.:]?|\d{1,2}(?:(?:\.\d+)+[.)、．]?|[.)、．]))\s*",
    re.IGNORECASE,
)
_TOO_GENERAL: Final = re.compile(
    r"introduction|overview|summary|contents|purpose|scope|background|general|contacts?|appendix|faq|questions"
    r"|definitions|references|history|notes|about|readme|changelog|resources|links"
    r"|概述|简介|目录|附录|总则|附则|前言|引言|背景|目的|范围|适用范围|定义|说明|备注|参考资料|联系方式|修订记录|常见问题",
    re.IGNORECASE,
)
_PATTERNS: Final = {
    "en": "What does the handbook say about {heading}?",
    "zh": "{heading}有哪些规定？",
}
_LENGTHS: Final = {"en": range(4, 61), "zh": range(2, 21)}


def starters(viewer: Viewer) -> list[str]:
    """At most four questions, each from another document, the newest first; [] where he can read nothing."""
    spoken = "zh" if viewer.language.startswith("zh") else "en"
    by_language: dict[str, list[str]] = {"en": [], "zh": []}
    for headings in _headings_by_document(viewer):
        chosen = next(filter(None, map(_question, headings)), None)
        if chosen and chosen[1] not in by_language[chosen[0]]:
            by_language[chosen[0]].append(chosen[1])
    other = "en" if spoken == "zh" else "zh"
    return (by_language[spoken] or by_language[other])[:_MOST]


def _headings_by_document(viewer: Viewer) -> Iterable[list[str]]:
    with viewing(viewer):
        newest = (
            DocumentVersion.objects.filter(
                in_force__contains=timezone.now().date(), document__in=visible_documents(viewer)
            )
            .order_by("-uploaded_at")
            .values_list("document_id", flat=True)[:_DOCUMENTS_LOOKED_AT]
        )
        documents = list(newest)
        by_document: dict[object, list[str]] = {document: [] for document in documents}
        sections = Section.objects.filter(document__in=documents, path__len__gte=1).order_by("path")
        for document, path in sections.values_list("document_id", "path"):
            by_document[document].append(path[-1])
    return by_document.values()


def _question(heading: str) -> tuple[str, str] | None:
    """The language and the question; None for a heading that says too little, or is a question itself."""
    topic = _NUMBERING.sub("", heading.strip()).strip(" :：.。")
    language = language_of(topic)
    if language not in _PATTERNS or len(topic) not in _LENGTHS[language]:
        return None
    if _TOO_GENERAL.fullmatch(topic) or topic[-1] in "?？" or not any(map(str.isalpha, topic)):
        return None
    return language, _PATTERNS[language].format(heading=topic)
