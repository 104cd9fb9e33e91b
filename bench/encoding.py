"""What the encoder costs: passages a second and time for a question, beside a plain `SentenceTransformer.encode`.

    python -m bench.encoding [--model FOLDER] [--texts FOLDER] [--sets FOLDER …]

Both in one process, in turns, on the same texts. Needs torch, sentence-transformers, tokenizers and numpy alone: no
Django, no database. Prints Markdown.
"""

import argparse
import os
import platform
import random
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kbchat.evaluation.beir import read_beir_set
from kbchat.evaluation.metrics import ndcg
from kbchat.inference.remembered_questions import RememberedQuestions
from kbchat.inference.sentence_transformers_embedder import PACKAGED_MODEL, SentenceTransformersEmbedder

Vectors = npt.NDArray[np.float32]
PROJECT = Path(__file__).parents[1]
TEXTS = PROJECT / "deploy" / "sample_company" / "documents"
SEED = 5
QUESTION_WORDS = 8
# As chunks come out of ingestion: most nearly fill a window of 256 tokens.
SHORTEST, LONGEST = 150, 1100
ASKERS = 8


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--model", default=PACKAGED_MODEL, help="a folder of weights; else the packaged model"
    )
    parser.add_argument(
        "--texts", type=Path, default=TEXTS, help="a folder of Markdown files to cut into passages"
    )
    parser.add_argument("--passages", type=int, default=300)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, help="of torch; else as many as it takes")
    parser.add_argument(
        "--bfloat16", action="store_true", help="also where the processor does not compute with it"
    )
    parser.add_argument(
        "--sets", type=Path, nargs="*", default=[], help="BEIR folders to compare what is found in"
    )
    arguments = parser.parse_args()
    passages, questions = texts_of(arguments.texts, arguments.passages, arguments.questions)
    ours = SentenceTransformersEmbedder(arguments.model, threads=arguments.threads, bfloat16=False)
    usual = SentenceTransformersEmbedder(arguments.model, threads=arguments.threads)
    plain = ours._model
    print(f"\n{_machine()}, model {ours.identity.model}, {len(passages)} passages of", end=" ")
    print(f"{statistics.mean(ours.count_tokens(passages)):.0f} tokens, questions of {QUESTION_WORDS} words\n")
    ways: dict[str, Callable[[list[str]], Vectors]] = {
        "plain encode, batches of 32": lambda texts: plain.encode(
            texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False
        ),
        "kbchat, float32": ours.embed_documents,
    }
    if arguments.bfloat16 or usual._encodes_documents_in_bfloat16:
        ways["kbchat, bfloat16"] = SentenceTransformersEmbedder(
            arguments.model, bfloat16=True
        ).embed_documents
    documents(ways, passages, arguments.rounds)
    alone(plain, ours, questions)
    together(plain, ours, questions)
    for folder in arguments.sets:
        quality(ways, ours, folder)


def texts_of(folder: Path, passages: int, questions: int) -> tuple[list[str], list[str]]:
    """Cut anywhere between two words, the same ones every time."""
    words = " ".join(path.read_text() for path in sorted(folder.rglob("*.md"))).split()
    text = " ".join(words)
    chance = random.Random(SEED)
    cut = []
    for _ in range(passages):
        start = chance.randrange(len(text) - LONGEST)
        cut.append(text[start : start + chance.randint(SHORTEST, LONGEST)])
    latin = [word for word in words if word.isascii() and word.isalpha()]
    return cut, [" ".join(chance.sample(latin, QUESTION_WORDS)) for _ in range(questions)]


def documents(ways: dict[str, Callable[[list[str]], Vectors]], passages: list[str], rounds: int) -> None:
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    vectors: dict[str, Vectors] = {}
    for encode in ways.values():
        encode(passages[:32])
    for _ in range(rounds):
        for way, encode in ways.items():
            started = time.perf_counter()
            vectors[way] = encode(passages)
            seconds[way].append(time.perf_counter() - started)
    first = next(iter(ways))
    print("| documents | passages a second | times plain | lowest cosine to plain |\n|---|---|---|---|")
    for way, taken in seconds.items():
        ratio = statistics.median(seconds[first]) / statistics.median(taken)
        lowest = (vectors[way] * vectors[first]).sum(axis=1).min()
        print(f"| {way} | {len(passages) / statistics.median(taken):.1f} | {ratio:.2f} | {lowest:.6f} |")


def alone(plain: Any, ours: SentenceTransformersEmbedder, questions: list[str]) -> None:
    """One question after the other."""
    remembered = RememberedQuestions()
    ways: dict[str, Callable[[str], Vectors]] = {
        "plain encode": lambda question: _plainly(plain, question),
        "kbchat": lambda question: ours.embed_queries([question])[0],
        "kbchat, asked before by the same person": lambda question: remembered.vector("one", question, ours),
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    lowest = dict.fromkeys(ways, 1.0)
    for round_, question in enumerate([*questions[:10], *questions]):
        remembered.vector("one", question, ours)
        expected = _plainly(plain, question)
        for way, encode in ways.items():
            started = time.perf_counter()
            vector = encode(question)
            if round_ >= 10:  # by then it is warm
                times[way].append(time.perf_counter() - started)
            lowest[way] = min(lowest[way], float(vector @ expected))
    print("\n| a question alone | p50 / p95 | lowest cosine to plain |\n|---|---|---|")
    for way, taken in times.items():
        print(f"| {way} | {_told(taken)} | {lowest[way]:.6f} |")


def together(plain: Any, ours: SentenceTransformersEmbedder, questions: list[str]) -> None:
    """Several people at once, each with one question after the other."""
    one_by_one = threading.Lock()

    def plainly(question: str) -> Vectors:
        with one_by_one:
            return _plainly(plain, question)

    print(f"\n| {ASKERS} people at once | questions a second | p50 / p95 |\n|---|---|---|")
    for way, encode in (
        ("plain encode, one by one", plainly),
        ("kbchat", lambda question: ours.embed_queries([question])[0]),
    ):
        times: list[float] = []

        def ask(mine: list[str], encode: Any = encode, times: list[float] = times) -> None:
            for question in mine:
                started = time.perf_counter()
                encode(question)
                times.append(time.perf_counter() - started)

        started = time.perf_counter()
        with ThreadPoolExecutor(ASKERS) as people:
            list(people.map(ask, [questions[number::ASKERS] for number in range(ASKERS)]))
        print(f"| {way} | {len(questions) / (time.perf_counter() - started):.0f} | {_told(times)} |")


def quality(
    ways: dict[str, Callable[[list[str]], Vectors]], ours: SentenceTransformersEmbedder, folder: Path
) -> None:
    """nDCG@10 by vectors alone, each document as one text that is cut at the encoder's window."""
    known = read_beir_set(folder)
    names = [document.id for document in known.documents]
    texts = [f"{document.title}\n{document.text}".strip() for document in known.documents]
    asked = ours.embed_queries([question.text for question in known.questions])
    for way, encode in ways.items():
        nearest = np.argsort(-asked @ encode(texts).T, axis=1)[:, :10]
        found = [
            ndcg([names[at] for at in places], question.judged, 10)
            for places, question in zip(nearest, known.questions, strict=True)
        ]
        print(f"{known.name}, {len(texts)} texts, {way}: nDCG@10 {statistics.mean(found):.4f}")


def _plainly(plain: Any, question: str) -> Vectors:
    vector: Vectors = plain.encode([question], normalize_embeddings=True, show_progress_bar=False)[0]
    return vector


def _machine() -> str:
    import torch

    told = Path("/proc/cpuinfo")
    named = (
        [line for line in told.read_text().splitlines() if line.startswith("model name")]
        if told.exists()
        else []
    )
    name = named[0].partition(":")[2].strip() if named else platform.machine()
    return f"{name}, {os.cpu_count()} cores, {torch.get_num_threads()} threads, torch {torch.__version__}"


def _told(seconds: list[float]) -> str:
    """p50 and p95 in milliseconds."""
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return f"{statistics.median(seconds) * 1000:.2f} / {p95 * 1000:.2f} ms"


if __name__ == "__main__":
    main()
