"""The figures of both parts as Markdown: ratios first, a peer's figure by kbchat's. Plain Python."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

OWN: Final = "kbchat"
NAMES: Final = {
    "kbchat": "kbchat",
    "kbchat, words alone": "kbchat, words alone",
    "langchain": "LangChain",
    "llamaindex": "LlamaIndex",
    "haystack": "Haystack",
    "bm25": "bm25s",
}
_MEASURES: Final = {"ndcg": "nDCG@10", "mrr": "MRR@10", "recall": "recall@10"}
_VISIBLE: Final = {"one": "1 %", "ten": "10 %", "all": "100 %"}

Told = Mapping[str, Any]


def quality_tables(told: Told) -> str:
    """A table for each measure, and one for the speed of filling."""
    systems = [name for name in NAMES if name in next(iter(told.values()))["systems"]]
    parts = [f"### {heading}\n\n" + _by_set(told, systems, key) for key, heading in _MEASURES.items()]
    return "\n\n".join([*parts, "### Filling, passages a second\n\n" + _filling(told, systems)])


def latency_table(told: Told) -> str:
    """p50 and p95 of each peer by kbchat's, which was timed beside it; then milliseconds, recall and rows."""
    own = {_key(row): row for row in told["rows"] if row["system"] == OWN}
    lines = [_latency_line(row, own[_key(row)]) for row in told["rows"]]
    header = [
        *("visible", "k", "iterative scan", "system", "p50 ÷", "p95 ÷", "p50 / p95 ms"),
        *("dense recall@10", "dense rows", "rows"),
    ]
    return table(header, lines)


def filled_in(told: Told) -> str:
    """Seconds that each took for the library."""
    return table(
        ["system", "seconds", "passages a second"],
        [
            [NAMES[name], f"{seconds:.0f}", f"{told['passages'] / seconds:,.0f}"]
            for name, seconds in told["fill_seconds"].items()
        ],
    )


def table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rows = [header, ["---"] * len(header), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _by_set(told: Told, systems: Sequence[str], key: str) -> str:
    def cells(of: Told) -> Iterator[str]:
        own = of[OWN][key]
        for name in systems:
            yield f"**{own:.3f}**" if name == OWN else f"{_ratio(of[name][key], own)} ({of[name][key]:.3f})"

    lines = [[_set(name, of), *cells(of["systems"])] for name, of in told.items()]
    return table(["set (questions)", *(NAMES[name] for name in systems)], lines)


def _filling(told: Told, systems: Sequence[str]) -> str:
    filled = [name for name in systems if name != "kbchat, words alone"]

    def cells(of: Told) -> Iterator[str]:
        own = of[OWN]["passages_per_second"]
        for name in filled:
            rate = of[name]["passages_per_second"]
            yield f"**{own:,.0f}**" if name == OWN else f"{_ratio(rate, own)} ({rate:,.0f})"

    lines = [[f"{name} ({of['passages']:,})", *cells(of["systems"])] for name, of in told.items()]
    return table(["set (passages)", *(NAMES[name] for name in filled)], lines)


def _ratio(theirs: float, own: float) -> str:
    ratio = theirs / own
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def _set(name: str, of: Told) -> str:
    return f"{name} ({of['questions']:,})"


def _key(row: Told) -> tuple[str, str, int]:
    return row["scan"], row["reader"], row["k"]


def _latency_line(row: Told, own: Told) -> list[str]:
    is_own = row["system"] == OWN
    # Neither kbchat nor bm25s uses a graph: the word says only beside what they were timed.
    return [
        _VISIBLE[row["reader"]],
        str(row["k"]),
        row["scan"].removesuffix("_order"),
        NAMES[row["system"]],
        "" if is_own else _ratio(row["p50_ms"], own["p50_ms"]),
        "" if is_own else _ratio(row["p95_ms"], own["p95_ms"]),
        f"{row['p50_ms']:.0f} / {row['p95_ms']:.0f}",
        "" if row["recall"] is None else f"{row['recall']:.2f}",
        "" if row["recall"] is None else f"{row['dense_rows']:.1f}",
        f"{row['rows']:.1f}",
    ]
