"""The legs of search by the names that people give them. Loads nothing: commands read it before anything is started."""

from typing import Final

LEGS: Final = ("dense", "lexical", "hybrid")
