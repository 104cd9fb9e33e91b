"""What a new generation's weights lose that it inherited, beside weights that are fitted for its encoder.

    python -m bench.inheriting FOLDER [SET ...] [--questions 100] [--documents 500]

FOLDER gets a database of its own, made anew each time: judged sets in BEIR's layout, English and Chinese, as one
library in the index of all-MiniLM-L6-v2. Then a generation is built by each of some other encoders, as production
builds it, and asked with the weights that its build gave it and with fitted ones. Every second question is fitted on,
the others tell. Prints Markdown.
"""

import argparse
import io
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import numpy as np
from tqdm import tqdm

from bench.servers import acting_as, migrated_database
from kbchat.embedded.database import APPLICATION_ROLE, WORKER_ROLE
from kbchat.settings.environment import PROJECT_ROOT

SETS: Final = ("xquad-en", "hotpotqa-100", "cranfield", "xquad-zh", "drcd-dev")
_FIRST: Final = "all-MiniLM-L6-v2"


@dataclass(frozen=True)
class Library:
    """The sets as collections. `documents`: of the set, by ours."""

    viewer: Any
    sets: Mapping[str, Any]
    collections: Mapping[str, UUID]
    documents: Mapping[UUID, str]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="for the database and the encoders")
    parser.add_argument("sets", type=Path, nargs="*", help="folders; the public ones where none is named")
    parser.add_argument("--questions", type=int, default=100, help="of each set")
    parser.add_argument(
        "--documents", type=int, default=500, help="of each set, beside those that its questions name"
    )
    arguments = parser.parse_args()
    shutil.rmtree(arguments.folder, ignore_errors=True)
    arguments.folder.mkdir(parents=True)
    shared = Path(os.environ.get("KBCHAT_SHARED_DATA", PROJECT_ROOT.parent / "shared" / "data"))
    with migrated_database(arguments.folder / "servers"):
        folders = arguments.sets or [shared / "ir" / name for name in SETS]
        sets = [_read(each, arguments.questions, arguments.documents) for each in folders]
        _measure(sets, arguments.folder)


def _read(folder: Path, questions: int, documents: int) -> Any:
    """What its questions name, and so many others evenly chosen."""
    from kbchat.evaluation.beir import evenly, read_beir_set

    found = read_beir_set(folder.resolve()).asking(questions)
    named = {name for question in found.questions for name in question.judged}
    others = [each for each in found.documents if each.id not in named]
    chosen = {each.id for each in evenly(others, documents)} | named
    return replace(found, documents=tuple(each for each in found.documents if each.id in chosen))


def _measure(sets: Sequence[Any], folder: Path) -> None:
    from kbchat.indexing.encoders import Encoders, EncoderSource
    from kbchat.inference.sentence_transformers_embedder import PACKAGED_MODEL, SentenceTransformersEmbedder

    models = other_encoders(folder)
    by_name = {name: SentenceTransformersEmbedder(str(path)) for name, path in models.items()}
    by_name[_FIRST] = SentenceTransformersEmbedder(PACKAGED_MODEL)
    encoders = Encoders(EncoderSource(_FIRST), lambda source: by_name[source.model])
    library = _filled(sets, encoders)
    print("\n| encoder | set (questions) | weight of dense: inherited, fitted | nDCG@10: lexical, dense "
          "| inherited | fitted | fitted − inherited (95 %) | AUROC: inherited, fitted |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    errors = {name: _tell(name, library, by_name[name], _built(library, name, encoders)) for name in models}
    print("\n| encoder | expected calibration error of p(some passage answers): inherited | fitted |")
    print("|---|---|---|")
    for name, (inherited, fitted) in errors.items():
        print(f"| {name} | {inherited:.3f} | {fitted:.3f} |")


def other_encoders(folder: Path) -> dict[str, Path]:
    """Of other dimensions, and of another precision."""
    from tests.other_encoders import EIGHT_BITS, MEAN_AND_MAX, TWO_MEANS, other_encoder

    names = {
        "mean and max (768)": MEAN_AND_MAX,
        "mean and mean by position (768)": TWO_MEANS,
        "weights of eight bits (384)": EIGHT_BITS,
    }
    return {told: other_encoder(folder, name) for told, name in names.items()}


def _filled(sets: Sequence[Any], encoders: Any) -> Library:
    from kbchat.access.viewers import viewer_of
    from kbchat.accounts.people import create_person
    from kbchat.cli.scratch_library import Page, page_as_html
    from kbchat.indexing.generations import ensure_active_generation
    from kbchat.ingestion.chunking import CHUNKING_POLICY
    from kbchat.ingestion.models import IngestionRun
    from kbchat.library.collections import create_collection
    from kbchat.library.ingesting import index_run, parse_run
    from kbchat.library.uploading import Upload, upload
    from kbchat.parsing.sandbox import SandboxLimits
    from tests.company import parsed_here

    owner = viewer_of(
        create_person(email="owner@example.com", name="Owner", password="only-here", is_administrator=True)
    )
    collections, documents = {}, {}
    with acting_as(WORKER_ROLE):
        source = encoders.configured_source.as_stored()
        ensure_active_generation(encoders.configured.identity, CHUNKING_POLICY, source)
    for found in sets:
        with acting_as(APPLICATION_ROLE):
            collections[found.name] = create_collection(owner, name=found.name).id
        for document in tqdm(found.documents, desc=found.name):
            page = page_as_html(Page(document.title, document.text)).encode()
            with acting_as(APPLICATION_ROLE):
                file = Upload(f"{len(documents)}.html", io.BytesIO(page))
                row = upload(owner, collections[found.name], file, max_bytes=1 << 30)
            documents[row.id] = document.id
            with acting_as(WORKER_ROLE), parsed_here():
                run = IngestionRun.objects.get(version=row.version_id).pk
                parse_run(run, encoders=encoders, limits=SandboxLimits())
                index_run(run, encoders=encoders)
    return Library(owner, {found.name: found for found in sets}, collections, documents)


def _built(library: Library, name: str, encoders: Any) -> int:
    """The generation's id."""
    from kbchat.indexing.encoders import EncoderSource
    from kbchat.rebuilding.building import go_on_building
    from kbchat.rebuilding.managing import request_build
    from kbchat.rebuilding.models import UNFINISHED, Build

    with acting_as(APPLICATION_ROLE):
        build = Build(pk=request_build(library.viewer, EncoderSource(name)))
    with acting_as(WORKER_ROLE):
        build.refresh_from_db()
        while build.state in UNFINISHED:
            go_on_building(build.pk, build.ticket, encoders=encoders)
            build.refresh_from_db()
    assert build.checks, build.problem
    return int(build.generation_id)


def _tell(name: str, library: Library, embedder: Any, generation: int) -> tuple[float, float]:
    """A row a set. Gives calibration errors by inherited and by fitted weights."""
    from kbchat import composition
    from kbchat.evaluation.legs import Searched
    from kbchat.evaluation.null_tuning import ask_with_and_without, fit_null, tell_null
    from kbchat.evaluation.paraphrasing import MeaningKept
    from kbchat.evaluation.tuning import fit, pool, tell
    from kbchat.indexing.known_items import interval
    from kbchat.retrieval.port import Scope

    texts = [question.text for found in library.sets.values() for question in found.questions]
    retriever = composition.retriever_by(MeaningKept(embedder, texts))
    words = composition.retriever_by_words()
    searched = {
        each: Searched(
            library.viewer, Scope(collection_ids=(collection,)), retriever, words, library.documents
        )
        for each, collection in library.collections.items()
    }
    with acting_as(APPLICATION_ROLE):
        own = retriever.pin(generation)
        pooled = {each: pool(searched[each], found.questions, own) for each, found in library.sets.items()}
        fitted = fit(pooled)
        pins = {"own": own, "fitted": replace(own, dense_weight={**own.dense_weight, **fitted.dense_weights})}
        asked = {
            which: {
                each: ask_with_and_without(searched[each], found.questions, pin)
                for each, found in library.sets.items()
            }
            for which, pin in pins.items()
        }
    null = fit_null(asked["fitted"])
    told_by = {each: [one for four in rows[1::2] for one in four] for each, rows in asked["own"].items()}
    own_null, own_error = tell_null(own.null_weights, told_by)
    told_on = {each: rows[1::2] for each, rows in pooled.items()}
    for was, now in zip(tell(own.dense_weight, told_on), fitted.told, strict=True):
        gained = [
            one.worth(pins["fitted"].dense_weight) - one.worth(own.dense_weight)
            for one in told_on[was.set]
            if one.language == was.language
        ]
        low, high = interval(gained)
        areas = [
            next((row.auroc for row in rows if (row.set, row.language) == (was.set, was.language)), np.nan)
            for rows in (own_null, null.told)
        ]
        print(
            f"| {name} | {was.set} {was.language} ({was.questions}) "
            f"| {own.dense_weight[was.language]:.2f}, {fitted.dense_weights[was.language]:.2f} "
            f"| {was.lexical:.3f}, {was.dense:.3f} | {was.hybrid:.3f} | {now.hybrid:.3f} "
            f"| {np.mean(gained):+.3f} ({low:+.3f} to {high:+.3f}) | {areas[0]:.3f}, {areas[1]:.3f} |",
            flush=True,
        )
    return own_error.error, null.reliability.error


if __name__ == "__main__":
    main()
