"""One picture of the figures: quality by set, and for each share of the library time against what the dense side finds.

    python -m bench.peers.plot FOLDER PICTURE

Runs in the peers' environment, which has matplotlib; reads quality.json and latency.json.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib import pyplot as plt

from bench.peers.tables import NAMES

_COLOURS: Final = {
    "kbchat": "#0f62fe",
    "langchain": "#198038",
    "llamaindex": "#8a3ffc",
    "haystack": "#fa4d56",
    "bm25": "#8d8d8d",
}
_VISIBLE: Final = {"one": "1 % visible", "ten": "10 % visible", "all": "100 % visible"}
_MARKERS: Final = {"off": "o", "relaxed_order": "s", "strict_order": "^"}
_K: Final = 10
_TICKS: Final = (10, 20, 50, 100, 200, 500, 1000)


def main() -> None:
    folder, picture = Path(sys.argv[1]), Path(sys.argv[2])
    quality, latency = (json.loads((folder / f"{part}.json").read_text()) for part in ("quality", "latency"))
    mpl.rcParams |= {"font.size": 8, "axes.spines.top": False, "axes.spines.right": False}
    figure, axes = plt.subplot_mosaic(
        [["quality"] * 3, [*_VISIBLE]], figsize=(9, 6), height_ratios=(1, 1.1), layout="constrained"
    )
    _draw_quality(axes["quality"], quality)
    for reader, title in _VISIBLE.items():
        _draw_latency(axes[reader], [row for row in latency["rows"] if row["reader"] == reader], title)
    axes["one"].set_ylabel("recall@10 of the dense side")
    figure.savefig(picture, dpi=110)


def _draw_quality(axes: Any, told: dict[str, Any]) -> None:
    width = 0.8 / len(_COLOURS)
    for number, (name, colour) in enumerate(_COLOURS.items()):
        values = [of["systems"][name]["ndcg"] for of in told.values()]
        places = [place + (number - 2) * width for place in range(len(told))]
        axes.bar(places, values, width, color=colour, label=NAMES[name])
    axes.set_xticks(range(len(told)), list(told))
    axes.set_ylabel("nDCG@10")
    axes.legend(ncols=len(_COLOURS), loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)


def _draw_latency(axes: Any, rows: list[dict[str, Any]], title: str) -> None:
    for row in rows:
        if row["k"] == _K and row["recall"] is not None:
            axes.plot(
                row["p95_ms"], row["recall"], _MARKERS[row["scan"]], color=_COLOURS[row["system"]], alpha=0.8,
                markersize=6,
            )  # fmt: skip
    for scan, marker in _MARKERS.items():
        axes.plot([], [], marker, color="#525252", label=scan.removesuffix("_order"))
    axes.set(title=title, xlabel="p95 of hybrid search, ms (k = 10)", xscale="log", ylim=(-0.05, 1.05))
    axes.set_xticks(_TICKS, [str(tick) for tick in _TICKS])
    axes.minorticks_off()
    if title == _VISIBLE["all"]:
        axes.legend(title="iterative scan", loc="lower right", frameon=False)


if __name__ == "__main__":
    main()
