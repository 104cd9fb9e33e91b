"""Text to terms, sentences and language, the same for documents and questions, English and Chinese.

Plain Python: nothing here knows Django, a database or a model. Dictionaries are loaded at first use, so
importing this room costs next to nothing.
"""

from kbchat.analysis.asking import matter_of
from kbchat.analysis.differences import Piece, paired, steps, words_changed
from kbchat.analysis.glossary import Glossary, expand_query, in_all_names, other_names
from kbchat.analysis.language import Language, language_of
from kbchat.analysis.lighting import places_of_words, terms_of_word
from kbchat.analysis.names import names_of, numbers_of
from kbchat.analysis.sentences import sentences
from kbchat.analysis.terms import ANALYSER_VERSION, analyse, content_words, sought_words

__all__ = [
    "ANALYSER_VERSION",
    "Glossary",
    "Language",
    "Piece",
    "analyse",
    "content_words",
    "expand_query",
    "in_all_names",
    "language_of",
    "matter_of",
    "names_of",
    "numbers_of",
    "other_names",
    "paired",
    "places_of_words",
    "sentences",
    "sought_words",
    "steps",
    "terms_of_word",
    "words_changed",
]
