"""The question in the other of the product's languages, where there are documents in it.

Words of one language find nothing that is written in another, and an encoder that knows both is not a matter of course.
Without a model that translates, the company's glossary alone leads across.
"""

import re
from collections.abc import Collection, Sequence
from typing import Final

from kbchat.analysis import Language, language_of
from kbchat.answering.advising import Advisor
from kbchat.answering.prompts import rendered
from kbchat.answering.rewriting import LONGEST_QUERY, written_queries
from kbchat.inference.ports import ChatMessage

_MOST_TOKENS: Final = 160
# Everybody waits for it, and few need it.
_SECONDS: Final = 3.0
_NUMBER: Final = re.compile(r"\d+")


async def translated(
    queries: Sequence[str], documents_in: Collection[Language], advisor: Advisor
) -> tuple[str, ...]:
    """At most as many as `queries`; none where no document is in the other language, or none was written in it.

    `queries`: as understood without the conversation. A number that got lost on the way makes a query useless."""
    asked = language_of("\n".join(queries))
    if asked == "other":
        return ()
    other: Language = "zh" if asked == "en" else "en"
    if other not in documents_in:
        return ()
    prompt = (
        ChatMessage("system", rendered("translate", asked)),
        ChatMessage("user", "\n".join(query[:LONGEST_QUERY] for query in queries)),
    )
    written = await advisor.write(prompt, max_tokens=_MOST_TOKENS, seconds=_SECONDS)
    numbers = set(_NUMBER.findall("\n".join(queries)))
    found = [query for query in written_queries(written or "") if language_of(query) == other]
    kept = tuple(found[: len(queries)])
    return kept if numbers <= set(_NUMBER.findall("\n".join(kept))) else ()
