"""The terms of an answered turn, by which its owner finds it again: kept with its end, asked for by the history."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from kbchat.analysis import ANALYSER_VERSION, analyse, terms_of_word
from kbchat.chat.models import TurnTerms

_KEPT = TurnTerms.objects.filter(turn=OuterRef("pk"), analysed_by=ANALYSER_VERSION)


def keep_terms(turn_id: UUID, text: str) -> None:
    """Of its question and its answer. Inside `viewing` of its owner."""
    TurnTerms.objects.update_or_create(
        turn_id=turn_id,
        defaults={"analysed_by": ANALYSER_VERSION, "terms": f" {' '.join(sorted(set(analyse(text))))} "},
    )


def has_terms_of(words: Iterable[str]) -> Q:
    """A condition on turns: the terms that a text has which holds all of `words`, as `sought_words` gives them."""
    found = _KEPT
    for word in words:
        for term in terms_of_word(word):
            found = found.filter(terms__contains=f" {term}")
    return Q(Exists(found))


def lacks_terms() -> Q:
    """It has not ended, or did so before terms were kept, or by another version of the analyser."""
    return ~Q(Exists(_KEPT))
