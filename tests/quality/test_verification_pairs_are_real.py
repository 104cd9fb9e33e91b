"""The committed pairs of a true and a changed sentence: counted, none twice, each passage word for word in its source.

This module checks the pairs only. It must not know how a sentence is held against a passage: the pairs are the
measure, so nothing that is measured may shape them.
"""

import json
from collections import Counter
from functools import cache
from pathlib import Path

from kbchat.settings.environment import PROJECT_ROOT

PAIRS = [
    json.loads(line)
    for line in Path(__file__).with_name("verification_pairs.jsonl").read_text(encoding="utf-8").splitlines()
]
KINDS = ("number", "date", "name", "unit", "negation")


@cache
def passages_of(corpus: Path) -> dict[str, str]:
    rows = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()]
    return {row["_id"]: row["text"] for row in rows}


def source_text(source: str, shared_data: Path) -> str:
    """`source` is a file of the project, a file of the shared data, or a set of passages, `#` and an id."""
    corpus, _, passage = source.partition("#")
    if passage:
        return passages_of(shared_data / "ir" / corpus / "corpus.jsonl")[passage]
    root = PROJECT_ROOT if source.startswith("deploy/") else shared_data
    return (root / source).read_text(encoding="utf-8")


def test_there_are_twenty_of_each_kind_in_each_language() -> None:
    counted = Counter((pair["language"], pair["kind"]) for pair in PAIRS)
    assert counted == {(language, kind): 20 for language in ("en", "zh") for kind in KINDS}


def test_nothing_stands_twice_and_no_passage_carries_more_than_two_pairs() -> None:
    for key in ("id", "true", "changed"):
        assert len({pair[key] for pair in PAIRS}) == len(PAIRS), key
    assert not {pair["true"] for pair in PAIRS} & {pair["changed"] for pair in PAIRS}
    assert max(Counter(pair["passage"] for pair in PAIRS).values()) <= 2


def test_every_passage_stands_in_its_source_word_for_word(shared_data: Path) -> None:
    sources = {source: source_text(source, shared_data) for source in {pair["source"] for pair in PAIRS}}
    assert not [pair["id"] for pair in PAIRS if pair["passage"] not in sources[pair["source"]]]
