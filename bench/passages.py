"""Real passages with real vectors, and as many more as are wanted, made of their halves.

A passage that is made has one half of each of two real ones; its vector lies between theirs, with noise. So words,
lengths and nearness are distributed as in real text.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
_MOST_REAL = 1500
_NOISE = 0.02
_SEED = 7


@dataclass(frozen=True, slots=True)
class Real:
    """`vectors`: of the passages; `asked`: of the questions. Both are of length 1."""

    passages: list[str]
    vectors: Vectors
    questions: list[str]
    asked: Vectors


@dataclass(frozen=True, slots=True)
class Made:
    text: str
    terms: Counter[str]
    vector: Vectors


def real_passages(handbook: Path, questions: Path, cache: Path) -> Real:
    """Read and embedded once; afterwards from `cache`."""
    told, vectors = cache / "passages.json", cache / "vectors.npz"
    if not vectors.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        _embed(handbook, questions, told, vectors)
    texts, arrays = json.loads(told.read_text()), np.load(vectors)
    return Real(texts["passages"], arrays["passages"], texts["questions"], arrays["questions"])


def made_passages(real: Real, count: int) -> Iterator[Made]:
    """The same ones every time."""
    from kbchat.analysis import analyse

    halves = [_halves(text) for text in real.passages]
    terms = [tuple(Counter(analyse(half)) for half in both) for both in halves]
    chance, noise = random.Random(_SEED), np.random.default_rng(_SEED)
    for _ in range(count):
        one, other = chance.randrange(len(halves)), chance.randrange(len(halves))
        vector = real.vectors[one] + real.vectors[other]
        vector = vector + noise.normal(0, _NOISE, vector.shape).astype(np.float32)
        yield Made(
            f"{halves[one][0]} {halves[other][1]}",
            terms[one][0] + terms[other][1],
            vector / np.linalg.norm(vector),
        )


def _embed(handbook: Path, questions: Path, told: Path, vectors: Path) -> None:
    from kbchat.inference.sentence_transformers_embedder import SentenceTransformersEmbedder
    from kbchat.ingestion.chunking import chunk
    from kbchat.parsing import parse

    embedder = SentenceTransformersEmbedder()
    found: list[str] = []
    for page in sorted(handbook.rglob("*.md")):
        document = parse(page.read_bytes(), page.name)
        found += [document.text_of(draft.span) for draft in chunk(document, embedder)]
    chosen = random.Random(_SEED).sample(found, min(_MOST_REAL, len(found)))
    asked = [json.loads(line)["question"] for line in questions.read_text().splitlines()]
    print(f"Embedding {len(chosen)} of {len(found)} passages ...")
    np.savez(vectors, passages=embedder.embed_documents(chosen), questions=embedder.embed_queries(asked))
    told.write_text(json.dumps({"passages": chosen, "questions": asked}, ensure_ascii=False))


def _halves(text: str) -> tuple[str, str]:
    middle = text.find(" ", len(text) // 2)
    return (text[:middle], text[middle + 1 :]) if middle > 0 else (text, "")
