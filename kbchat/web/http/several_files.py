"""Several files in one request: each is taken in or refused by itself."""

from collections.abc import Callable
from typing import TypeVar

from ninja.files import UploadedFile

from kbchat.core.errors import KbchatError, NotAllowed, NotFound
from kbchat.web.problems import Refusal, problem_of

T = TypeVar("T")


def each(
    files: list[UploadedFile], take: Callable[[UploadedFile], T], language: str
) -> tuple[list[T], list[Refusal]]:
    """What `take` made of the files, and why it refused others.

    A single file's refusal is raised as it is, and so is one that concerns them all: no right to upload here.
    """
    taken: list[T] = []
    refused: list[Refusal] = []
    for file in files:
        try:
            taken.append(take(file))
        except (NotFound, NotAllowed):
            raise
        except KbchatError as error:
            if len(files) == 1:
                raise
            told = problem_of(error, language)
            refused.append(Refusal(filename=file.name or "", **told.model_dump()))
    return taken, refused
