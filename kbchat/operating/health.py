"""Whether all parts of the program work, for administrators: a state and facts for each, no word about a document."""

import shutil
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

import redis
from django.db import connection
from django.utils import timezone

from kbchat.accounts.managing import administrator
from kbchat.core.jobs import Queue
from kbchat.core.pulse import ANSWERS, SCHEDULER, living
from kbchat.core.viewer import Viewer
from kbchat.indexing.encoders import Encoders
from kbchat.indexing.health import LEAST_RECALL, invalid_indexes
from kbchat.inference.ports import Capabilities, ModelUnavailable
from kbchat.parsing.equipment import Equipment
from kbchat.rebuilding.managing import GenerationsView, view_generations
from kbchat.scanning.port import MalwareScanner, ScannerUnavailable
from kbchat.scheduling.models import Schedule
from kbchat.upkeep.keeping import latest_findings, stranded_upkeep

State = Literal["ok", "warning", "failing", "off"]

_LEAST_FREE_BYTES: Final = 2 * 1024**3
_LEAST_FREE_SHARE: Final = 0.05
_OVERDUE_SECONDS: Final = 300
_MOST_DEAD_SHARE: Final = 0.3
_EQUALS: Final = frozenset({"eng", "chi_sim"})


@dataclass(frozen=True, slots=True)
class Check:
    """`name` and `state` have a sentence in each language, with what to do; `facts` are filled into it."""

    name: str
    state: State
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the settings say, and what this process knows."""

    data_dir: Path
    sends_mail: bool
    lacks_tls: bool
    is_warming_up: bool
    encoders: Encoders
    scanner: MalwareScanner | None
    ocr_languages: str
    equipment: Equipment


async def model_check(asked: Awaitable[Capabilities] | None) -> Check:
    """`asked`: what the language model says it can; None where none is configured. One that does not answer is what is
    to be told."""
    if asked is None:
        return Check("model", "off")
    try:
        able = await asked
    except ModelUnavailable as unavailable:
        return Check("model", "failing", {"reason": unavailable.reason.value})
    facts = {
        "model": able.model,
        "tokens": str(able.context_tokens),
        "structured_outputs": "yes" if able.structured_outputs else "",
        "prompt_log_probabilities": "yes" if able.prompt_log_probabilities else "",
    }
    return Check("model", "ok" if able.label_probabilities else "warning", facts)


def checks(viewer: Viewer, surroundings: Surroundings) -> list[Check]:
    """All but the model's, in the order in which they are shown. Raises NotFound for whoever is no administrator."""
    administrator(viewer)
    return [
        _database(),
        *_processes(),
        *_search(viewer, surroundings),
        _schedules(),
        *_stranded_upkeep(),
        *_index_health(),
        _disk(surroundings.data_dir),
        Check("mail", "ok" if surroundings.sends_mail else "off"),
        Check("tls", "warning" if surroundings.lacks_tls else "ok"),
        _malware_scanner(surroundings.scanner),
        _recognition(surroundings.ocr_languages, surroundings.equipment),
        Check("older_office", "ok" if surroundings.equipment.converter else "off"),
    ]


def _database() -> Check:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), extversion FROM pg_extension WHERE extname = 'vector'"
        )
        server, vector = cursor.fetchone()
    return Check("database", "ok", {"version": server.partition(" ")[0], "pgvector": vector})


def _processes() -> list[Check]:
    """Redis, and whoever says in it that he lives."""
    wanted = [ANSWERS, SCHEDULER, *(queue.value for queue in Queue)]
    try:
        alive = living()
    except redis.RedisError:
        return [Check("redis", "failing")]
    return [
        Check("redis", "ok"),
        *(Check(f"process_{name}", "ok" if name in alive else "failing") for name in wanted),
    ]


def _search(viewer: Viewer, surroundings: Surroundings) -> list[Check]:
    """The model, and whether the index reads words as the program does: those of questions are analysed as it does now,
    those of the index as it did when that was made."""
    view = view_generations(viewer, surroundings.encoders)
    is_old = any(each.answers and each.is_old for each in view.generations)
    return [
        _search_model(view, surroundings),
        *([Check("search_index_old", "warning")] if is_old else []),
    ]


def _search_model(view: GenerationsView, surroundings: Surroundings) -> Check:
    if surroundings.is_warming_up:
        return Check("search_model_loads", "warning")
    if any(each.answers and surroundings.encoders.has_changed(each.id) for each in view.generations):
        return Check("search_model_changed", "failing")
    return Check("search_model", "ok" if view.is_configured else "warning")


def _schedules() -> Check:
    """Told by how many are late, and not by which: a schedule has its own readers."""
    overdue = Schedule.objects.filter(due_at__lt=timezone.now() - timedelta(seconds=_OVERDUE_SECONDS)).count()
    return Check("schedules", "failing" if overdue else "ok", {"overdue": str(overdue)})


def _stranded_upkeep() -> list[Check]:
    return [
        Check(f"{task}_stranded", "warning", {"people": ", ".join(names)})
        for task, names in stranded_upkeep().items()
    ]


def _index_health() -> list[Check]:
    """Whether all indexes are used is asked now; the rest was found by the last look."""
    broken = ", ".join(invalid_indexes())
    found = [Check("indexes", "failing" if broken else "ok", {"names": broken})]
    run = latest_findings()
    if run is None:
        return [*found, Check("search_index", "off")]
    recall, hubs = run.found["recall"], run.found["hubs"]
    bloated = [each["table"] for each in run.found["dead"] if _is_bloated(each)]
    facts = {
        "recall": "" if recall is None else f"{recall:.3f}",
        "hubs": str(len(hubs)),
        "tables": ", ".join(bloated),
    }
    wrong = {
        "search_index_misses": recall is not None and recall < LEAST_RECALL,
        "search_index_bloated": bool(bloated),
        "search_index_hubs": bool(hubs),
    }
    told = [Check(name, "warning", facts) for name, is_so in wrong.items() if is_so]
    return [*found, *(told or [Check("search_index", "ok", facts)])]


def _is_bloated(table: Mapping[str, int]) -> bool:
    return table["dead"] > _MOST_DEAD_SHARE * (table["live"] + table["dead"])


def _malware_scanner(scanner: MalwareScanner | None) -> Check:
    """One that does not answer holds every new file up."""
    if scanner is None:
        return Check("malware_scanner", "off")
    try:
        return Check("malware_scanner", "ok", {"version": scanner.version()})
    except ScannerUnavailable:
        return Check("malware_scanner", "failing")


def _recognition(wanted: str, equipment: Equipment) -> Check:
    """On the machine that tells this; workers on others have their own."""
    if equipment.recogniser is None:
        return Check("recognition", "off")
    languages = equipment.recogniser.languages
    missing = [language for language in wanted.split("+") if language not in languages]
    facts = {"languages": ", ".join(languages), "missing": ", ".join(missing)}
    return Check("recognition", "warning" if _EQUALS & set(missing) else "ok", facts)


def _disk(folder: Path) -> Check:
    usage = shutil.disk_usage(folder)
    is_scarce = usage.free < max(_LEAST_FREE_BYTES, _LEAST_FREE_SHARE * usage.total)
    return Check("disk", "warning" if is_scarce else "ok", {"free": f"{usage.free / 1024**3:.1f}"})
