"""Questions to begin with: about documents that a person may read, in his language where he reads any."""

from kbchat.answering.suggesting import questions_about
from kbchat.answering.wording import Language
from kbchat.core.viewer import Viewer
from kbchat.retrieval.outlines import outlines

_MOST = 4
_DOCUMENTS_LOOKED_AT = 20


def starters(viewer: Viewer) -> list[str]:
    """At most four questions, each from another document, the newest first; [] where he can read nothing."""
    spoken: Language = "zh" if viewer.language.startswith("zh") else "en"
    other: Language = "en" if spoken == "zh" else "zh"
    return _questions(viewer, spoken) or _questions(viewer, other)


def _questions(viewer: Viewer, language: Language) -> list[str]:
    found: dict[str, str] = {}
    for outline in outlines(viewer, language, most=_DOCUMENTS_LOOKED_AT):
        for question in questions_about(outline, language)[:1]:
            found.setdefault(outline.title.strip(), question)
    return list(dict.fromkeys(found.values()))[:_MOST]
