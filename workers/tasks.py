"""Every task: its job's name, and one call of a service."""

from uuid import UUID

from celery import shared_task

from kbchat import composition
from kbchat.core.jobs import Job
from kbchat.core.pulse import SCHEDULER, say_alive
from kbchat.indexing import health, vector_index
from kbchat.library import ingesting, purging
from kbchat.library.sources import running, runs, trying
from kbchat.rebuilding import building
from kbchat.retention import rules
from kbchat.scheduling import starting
from kbchat.upkeep import working
from kbchat.upkeep.following import follow_changes
from kbchat.upkeep.growing import refit_what_has_grown
from kbchat.upkeep.runs import sweep_upkeep
from workers.scheduled import STARTERS


@shared_task(name=Job.PARSE_RUN)
def parse_run(run_id: str) -> None:
    ingesting.parse_run(
        UUID(run_id),
        encoders=composition.encoders(),
        limits=composition.sandbox_limits(),
        scanner=composition.malware_scanner(),
        equipment=composition.equipment(),
    )


@shared_task(name=Job.RECOGNISE_RUN)
def recognise_run(run_id: str) -> None:
    ingesting.recognise_run(
        UUID(run_id),
        encoders=composition.encoders(),
        limits=composition.sandbox_limits(),
        equipment=composition.equipment(),
    )


@shared_task(name=Job.INDEX_RUN)
def index_run(run_id: str) -> None:
    ingesting.index_run(UUID(run_id), encoders=composition.encoders())


@shared_task(name=Job.SWEEP_RUNS)
def sweep_runs() -> None:
    ingesting.sweep_runs()


@shared_task(name=Job.PURGE_DELETED)
def purge_deleted() -> None:
    purging.purge_deleted()


@shared_task(name=Job.APPLY_RULES)
def apply_rules() -> None:
    purging.delete_expired()
    purging.forget_answers()
    rules.expire_conversations()


@shared_task(name=Job.GO_ON_BUILDING)
def go_on_building(build_id: str, ticket: str) -> None:
    building.go_on_building(UUID(build_id), UUID(ticket), encoders=composition.encoders())


@shared_task(name=Job.SWEEP_BUILDS)
def sweep_builds() -> None:
    building.sweep_builds(composition.longest_turn())


@shared_task(name=Job.CATCH_UP)
def catch_up() -> None:
    building.catch_up()


@shared_task(name=Job.KEEP_VECTOR_INDEXES)
def keep_vector_indexes() -> None:
    vector_index.keep_vector_indexes()
    health.probe_graphs()


@shared_task(name=Job.START_DUE)
def start_due() -> None:
    say_alive(SCHEDULER)
    starting.start_due(STARTERS)
    runs.sweep_source_runs()
    trying.forget_trials()
    refit_what_has_grown()
    follow_changes()
    sweep_upkeep()


@shared_task(name=Job.RUN_SOURCE)
def run_source(run_id: str) -> None:
    running.run_source(UUID(run_id), composition.surroundings_of_sources())


@shared_task(name=Job.TRY_SOURCE)
def try_source(trial_id: str) -> None:
    trying.look(UUID(trial_id), composition.surroundings_of_sources())


@shared_task(name=Job.CHECK_INDEX)
def check_index(run_id: str) -> None:
    working.check_index(UUID(run_id))
