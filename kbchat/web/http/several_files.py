"""Several files in one request: each is taken in or refused by itself, and an archive is the files in it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from kbchat.core.errors import KbchatError, NotAllowed, NotFound
from kbchat.library.archives import ARCHIVE, ArchiveLimits, unpacked
from kbchat.library.uploading import Upload
from kbchat.web.problems import Refusal, problem_of

T = TypeVar("T")


class SeveralFiles(Generic[T]):
    """What became of them: what `take` made of each, or why it is refused.

    A single file's refusal is raised as it is, and so is one that concerns them all: no right to upload here.
    """

    def __init__(self, take: Callable[[Upload], T], language: str, archives: ArchiveLimits) -> None:
        self._take = take
        self._language = language
        self._archives = archives
        self.taken: list[T] = []
        self.refused: list[Refusal] = []

    def add(self, files: Sequence[Upload]) -> None:
        for file in files:
            try:
                self._add(file)
            except (NotFound, NotAllowed):
                raise
            except KbchatError as error:
                if len(files) == 1:
                    raise
                self._refuse(file.filename, error)

    def _add(self, file: Upload) -> None:
        try:
            self.taken.append(self._take(file))
        except KbchatError as error:
            if error.code != ARCHIVE:
                raise
            self._add_unpacked(unpacked(file, limits=self._archives))

    def _add_unpacked(self, members: Iterator[tuple[str, Upload | KbchatError]]) -> None:
        for path, member in members:
            try:
                if isinstance(member, KbchatError):
                    raise member
                self.taken.append(self._take(member))
            except (NotFound, NotAllowed):
                raise
            except KbchatError as error:
                self._refuse(path, error)

    def _refuse(self, filename: str, error: KbchatError) -> None:
        self.refused.append(Refusal(filename=filename, **problem_of(error, self._language).model_dump()))
