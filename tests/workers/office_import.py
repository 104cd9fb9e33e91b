"""The office folder of the shared data, imported file by file by the real importer and the real workers.

What became of each file, beside what had to become of it, and as a table for docs/office-files.md.
"""

import os
import platform
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from kbchat.access.viewing import viewing
from kbchat.cli.importing import collection_to_fill, send_files
from kbchat.cli.telling import told_error
from kbchat.cli.waiting import wait_until_done
from kbchat.core.viewer import Viewer
from kbchat.ingestion.models import IngestionRun
from kbchat.library.archives import ArchiveLimits
from kbchat.library.documents import document_row
from kbchat.library.uploading import imported_documents
from kbchat.parsing.equipment import Equipment, found_equipment
from kbchat.sentences import ENGLISH
from kbchat.sources.folder_files import FolderFile, files_of

_EXPECTATIONS = Path(__file__).with_name("office_expectations.toml")
_ARCHIVES = ArchiveLimits(most_files=1000, most_bytes=800 << 20, max_bytes=200 << 20)


@dataclass(frozen=True)
class Outcome:
    """`code` and `reason` are of what failed or was passed over; `seconds` from its arrival until it was searchable or
    had failed, with nothing else to do."""

    path: str
    state: str
    code: str = ""
    reason: str = ""
    pages: int | None = None
    passages: int = 0
    seconds: float = 0.0


def expectations(equipment: Equipment | None = None) -> dict[str, tuple[str, str | int]]:
    """By path: the state, and the code of its reason or the least number of passages. `equipment`: None, what is
    installed here."""
    told = tomllib.loads(_EXPECTATIONS.read_text(encoding="utf-8"))
    equipment = equipment or installed_here()
    by_program = told.pop("with_tesseract"), told.pop("with_libreoffice")
    expected = {path: (state, value) for state, files in told.items() for path, value in files.items()}
    for program, files in zip((equipment.recogniser, equipment.converter), by_program, strict=True):
        if program is not None:
            expected |= {path: ("ready", value) for path, value in files.items()}
    return expected


def installed_here() -> Equipment:
    return found_equipment(languages="eng+chi_sim", converts=True)


def differences(outcomes: list[Outcome]) -> list[str]:
    """What did not become of the files what had to, in words. Nothing is left out on either side."""
    expected = expectations()
    found = {outcome.path: outcome for outcome in outcomes}
    told = [f"{path}: expected, and not there" for path in sorted(expected.keys() - found.keys())]
    for path, outcome in found.items():
        state, value = expected.get(path, ("nothing", ""))
        is_so = outcome.state == state and (
            outcome.code == value if isinstance(value, str) else outcome.passages >= value
        )
        if not is_so:
            told.append(f"{path}: expected {state} {value}, and is {outcome}")
        elif state != "ready" and not outcome.reason.rstrip(".。").count("."):
            told.append(f"{path}: no next step in {outcome.reason!r}")
    return told


def import_folder(viewer: Viewer, folder: Path, *, step: Callable[[Outcome], None]) -> Iterator[Outcome]:
    """One file after the other, in the order of their names. `step` hears of each."""
    collection_id, _ = collection_to_fill(viewer, "Office")
    found = files_of(folder)
    for file in found.files:
        outcome = _imported(viewer, collection_id, file)
        step(outcome)
        yield outcome
    for skipped in found.skipped:
        reason = told_error(skipped.reason, ENGLISH)
        yield Outcome(skipped.source_path, "skipped", skipped.reason.code, reason)


def _imported(viewer: Viewer, collection_id: UUID, file: FolderFile) -> Outcome:
    sent = send_files(viewer, collection_id, [file], archives=_ARCHIVES, step=lambda: None)
    if sent.refused:
        [error] = sent.refused.values()
        return Outcome(file.source_path, "failed", error.code, told_error(error, ENGLISH))
    result = wait_until_done(viewer, sent.paths, told=lambda _: None, look_after=lambda: None)
    row = document_row(viewer, imported_documents(viewer, collection_id)[file.source_path].id)
    with viewing(viewer):
        run = IngestionRun.objects.get(version=row.version_id)
    assert run.finished_at is not None
    seconds = (run.finished_at - run.created_at).total_seconds()
    reason = result.failed.get(file.source_path, "")
    return Outcome(file.source_path, row.state, row.problem_code, reason, row.pages, row.passages, seconds)


def _told_equipment() -> str:
    equipment = installed_here()
    told = [
        f"{name} was {'' if program else 'not '}installed"
        for name, program in (("Tesseract", equipment.recogniser), ("LibreOffice", equipment.converter))
    ]
    return f"{told[0]}, {told[1]}."


def as_markdown(outcomes: list[Outcome]) -> str:
    by_state = {
        state: sum(one.state == state for one in outcomes) for state in ("ready", "failed", "skipped")
    }
    day = datetime.now(UTC).date().isoformat()
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    rows = [
        f"| {one.path} | {one.state} | {one.reason} | {'' if one.pages is None else one.pages} "
        f"| {one.passages or ''} | {f'{one.seconds:.1f}' if one.seconds else ''} |"
        for one in sorted(outcomes, key=lambda one: one.path)
    ]
    lead = (
        "Every file of the office folder of the shared data (test documents of three parsing projects, odd and broken "
        f"ones among them), imported one after the other on {day} with {os.cpu_count()} cores ({processor}), the "
        f"default encoder and one worker of each kind: {by_state['ready']} ready, {by_state['failed']} failed, "
        f"{by_state['skipped']} passed over. Seconds: from a file's arrival until it was searchable or had failed; "
        f"the machine's load was {os.getloadavg()[1]:.1f}, these workers' own included. {_told_equipment()} "
        "`make proofs-office` makes this table and compares it with tests/workers/office_expectations.toml, which was "
        "written first."
    )
    head = ["| file | state | reason | pages | passages | seconds |", "|---|---|---|---|---|---|"]
    return "\n".join(["# What becomes of real files", "", lead, "", *head, *rows, ""])
