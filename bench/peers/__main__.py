"""kbchat beside its peers in one go: quality, filling, and filtered search, as tables and a picture.

    python -m bench.peers FOLDER [--small] [--publish]

FOLDER keeps the peers' environment, the vectors and the library for the next time. Peers: PGVectorStore of LangChain
and of LlamaIndex and Haystack's PgvectorDocumentStore, all hybrid, on kbchat's own PostgreSQL; bm25s in memory. Results
go to FOLDER/peers.md and FOLDER/peers.png; `--publish` puts them beside the project's documents too.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from json import loads
from pathlib import Path
from typing import Final

from bench.peers.environment import REQUIREMENTS, ensure_environment
from bench.peers.tables import filled_in, latency_table, quality_tables

_PROJECT: Final = Path(__file__).parents[2]
_SETS: Final = ("scifact-train", "cranfield", "hotpotqa-100", "xquad-en", "xquad-zh", "drcd-dev")
_SMALL: Final = ("xquad-en", "xquad-zh")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="keeps environment, vectors and library for the next time")
    parser.add_argument(
        "--small", action="store_true", help="two sets and 10,000 passages: a look in minutes"
    )
    parser.add_argument(
        "--publish", action="store_true", help="into bench/peers/results.md and docs/images too"
    )
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    python = ensure_environment(folder / "peers-environment")
    shared = Path(os.environ.get("KBCHAT_SHARED_DATA", _PROJECT.parent / "shared" / "data"))
    sets = [str(shared / "ir" / name) for name in (_SMALL if arguments.small else _SETS)]
    few, fewer = (["--questions=60"], ["--questions=20", "--tenth"]) if arguments.small else ([], [])
    # Each part has servers of its own, and a process holds one database.
    _run(sys.executable, "bench.peers.quality", str(folder), str(python), *sets, *few)
    _run(sys.executable, "bench.peers.latency", str(folder), str(python), *fewer)
    page, picture = folder / "peers.md", folder / "peers.png"
    page.write_text(_page(folder), encoding="utf-8")
    _run(str(python), "bench.peers.plot", str(folder), str(picture))
    print(page.read_text(encoding="utf-8"))
    if arguments.publish:
        shutil.copyfile(page, Path(__file__).with_name("results.md"))
        shutil.copyfile(picture, _PROJECT / "docs" / "images" / "peers.png")


def _run(python: str, module: str, *arguments: str) -> None:
    subprocess.run([python, "-m", module, *arguments], cwd=_PROJECT, check=True)


def _page(folder: Path) -> str:
    quality, latency = (loads((folder / f"{part}.json").read_text()) for part in ("quality", "latency"))
    visible = ", ".join(f"{count:,}" for count in latency["visible"].values())
    return (
        "\n\n".join(
            (
                f"# kbchat beside its peers ({datetime.now(UTC):%Y-%m-%d})",
                f"{os.cpu_count()} cores of {_processor()}. {' '.join(_versions())}.",
                "A peer's figure by kbchat's, and the figure itself in brackets.",
                "## Quality",
                quality_tables(quality),
                f"## Filtered hybrid search, {latency['passages']:,} passages ({visible} visible)",
                latency_table(latency),
                "### Filling the library",
                filled_in(latency),
            )
        )
        + "\n"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def _versions() -> list[str]:
    return [line.replace("==", " ") for line in REQUIREMENTS.read_text().split() if "==" in line]


if __name__ == "__main__":
    main()
