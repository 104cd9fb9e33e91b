"""Which encoder reads questions for which generation: every generation keeps its own for as long as it is kept.

A generation says by what its encoder is opened (`EncoderSource`) and what it was when the generation was made
(`EncoderIdentity`). Vectors of two identities are never compared.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from typing import Final

from kbchat.core.addresses import without_password
from kbchat.core.errors import Unavailable
from kbchat.indexing.generations import active_generation, identity_of
from kbchat.indexing.models import IndexGeneration
from kbchat.inference.loading_ahead import load_ahead
from kbchat.inference.ports import Embedder, ModelUnavailable

logger = logging.getLogger(__name__)

# The one that answers, the one before it, and one that is built. Each is hundreds of megabytes.
_MOST_OPEN: Final = 3


_OTHER_IS_CONFIGURED: Final = (
    "the settings name another search model than the library is indexed by, which goes on answering: build another "
    "index (manage.py generation build), or set the former model again"
)
_HAS_CHANGED: Final = (
    "the search model is not the one any more that the library is indexed by, and nothing is searched: put the former "
    "one back, or build another index (manage.py generation build)"
)


@dataclass(frozen=True, slots=True)
class EncoderSource:
    """What an encoder is opened by: a model's name or folder, at a server where there is an address. Empty: what the
    settings name."""

    model: str = ""
    base_url: str = ""

    def as_stored(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def written(cls, text: str) -> "EncoderSource":
        """Of a setting: a model's name or folder, or a server's address, with the model's name behind a #."""
        if "://" not in text:
            return cls(text)
        base_url, _, model = text.partition("#")
        return cls(model, base_url)

    @property
    def told(self) -> str:
        """The same text, without the password of an address."""
        if not self.base_url:
            return self.model
        address = without_password(self.base_url)
        return f"{address}#{self.model}" if self.model else address


class Encoders:
    """Opened once a process, loaded at their first use. Threads may share it. `others`: that the operator lets
    administrators choose for another index, besides the configured one."""

    def __init__(
        self,
        configured: EncoderSource,
        opened_by: Callable[[EncoderSource], Embedder],
        others: Sequence[EncoderSource] = (),
    ) -> None:
        self.configured_source = configured
        self.other_sources = tuple(others)
        self._opened_by = opened_by
        self._choosing = threading.Lock()
        self._open: OrderedDict[EncoderSource, Embedder] = OrderedDict()
        self._sources: dict[int, EncoderSource] = {}
        self._compared: set[int] = set()
        self._changed: set[int] = set()
        self._used: set[int] = set()
        self._loading: dict[int, threading.Thread] = {}

    @property
    def configured(self) -> Embedder:
        """What the settings name, which need not be what the library answers by."""
        return self.by(self.configured_source)

    def by(self, source: EncoderSource) -> Embedder:
        """Not loaded yet."""
        source = source if source.as_stored() else self.configured_source
        with self._choosing:
            embedder = self._open.get(source)
            if embedder is None:
                embedder = self._open[source] = self._opened_by(source)
            self._open.move_to_end(source)
            while len(self._open) > _MOST_OPEN:
                self._open.popitem(last=False)
        return embedder

    def answering(self) -> Embedder:
        """That of the active generation, or what will make the first; not loaded yet."""
        try:
            return self.of(active_generation().pk)
        except Unavailable:
            return self.configured

    def of(self, generation_id: int) -> Embedder:
        """The generation's own, not loaded yet and not compared. Raises Unavailable("encoder_changed") where there is
        no such generation any more."""
        source = self._sources.get(generation_id)
        if source is None:
            source = self._sources[generation_id] = EncoderSource(**_row(generation_id).source)
        return self.by(source)

    def compared(self, generation_id: int) -> Embedder:
        """As `of`, loaded. Raises Unavailable("encoder_changed") where what is opened now is another encoder than the
        one that made the generation's vectors, and ModelUnavailable."""
        embedder = self.of(generation_id)
        if generation_id not in self._compared:
            # Loaded before the database is asked, which nobody keeps waiting.
            identity = embedder.identity
            if identity != identity_of(_row(generation_id)):
                self._changed.add(generation_id)
                raise Unavailable("encoder_changed")
            self._changed.discard(generation_id)
            self._compared.add(generation_id)
        return embedder

    def at_start(self) -> Embedder:
        """As `answering`, loaded; tells the log where settings and library do not agree, and what to do. Raises
        ModelUnavailable."""
        try:
            active = active_generation()
        except Unavailable:
            return self.configured
        if not is_opened_by(active, self.configured_source):
            logger.warning(_OTHER_IS_CONFIGURED, extra={"answers": active.encoder, "active": active.pk})
        with suppress(Unavailable):
            return self.compared(active.pk)
        logger.error(_HAS_CHANGED)
        return self.of(active.pk)

    def has_changed(self, generation_id: int) -> bool:
        """Whether what is opened now was found to be another encoder than made its vectors."""
        return generation_id in self._changed

    def at_hand(self, generation_id: int, *, instead_of: int) -> bool:
        """Whether a process that answers from the other one can go over at once. If not, what is missing is loaded
        meanwhile; one that cannot be loaded is no reason to stay."""
        # Of what one goes back to, the encoder is still loaded.
        self._used.add(instead_of)
        if generation_id in self._used or self.of(generation_id) is self.of(instead_of):
            return True
        thread = self._loading.get(generation_id)
        if thread is None:
            thread = self._loading[generation_id] = load_ahead(partial(self.of, generation_id))
        return not thread.is_alive()


def is_opened_by(generation: IndexGeneration, source: EncoderSource) -> bool:
    """Also one that does not say by what."""
    return not generation.source or EncoderSource(**generation.source) == source


def _row(generation_id: int) -> IndexGeneration:
    generation = IndexGeneration.objects.filter(pk=generation_id).first()
    if generation is None:
        raise Unavailable("encoder_changed")
    return generation


def only(embedder: Embedder) -> Encoders:
    """Where one encoder is known, for whatever generation: what it made is compared all the same."""
    return Encoders(EncoderSource(), lambda _: embedder)


@contextmanager
def left_to_rebuilding(generation: IndexGeneration) -> Iterator[None]:
    """No document waits for the encoder of a generation that does not answer."""
    try:
        yield
    except (ModelUnavailable, Unavailable):
        logger.warning("generation is behind", extra={"generation": generation.pk}, exc_info=True)
