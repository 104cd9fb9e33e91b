"""`manage.py run_golden_questions --as EMAIL`: a run of the golden questions that were kept in the library."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kbchat import composition
from kbchat.access.viewers import viewer_of
from kbchat.cli.people import active_person
from kbchat.cli.telling import told_error
from kbchat.core.deadline import Deadline
from kbchat.core.errors import KbchatError
from kbchat.core.viewer import Viewer
from kbchat.evaluation.asking import COUNTED, Figures, Searching
from kbchat.evaluation.runs import RunRow, continue_run, run_detail, start_run

_MOST_SECONDS: Final = 24 * 3600.0


class Command(BaseCommand):
    help = (
        "Ask the golden questions that a person keeps, under the rights of this person; show where search has what is "
        "expected, and keep the figures beside those of earlier runs (page: /golden)."
    )
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as", dest="email", required=True, help="who owns the collections that are asked"
        )
        parser.add_argument("--json", type=Path, help="write the figures to this file too")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            viewer = viewer_of(active_person(options["email"]))
            run = self._run(viewer)
        except KbchatError as error:
            raise CommandError(told_error(error)) from error
        self.stdout.write(_summary(run))
        if options["json"]:
            told = json.dumps(asdict(run), ensure_ascii=False, indent=1, default=str)
            options["json"].write_text(told + "\n", encoding="utf-8")

    def _run(self, viewer: Viewer) -> RunRow:
        searching = Searching(composition.retriever(), composition.encoders(), composition.reranker_name())
        started = start_run(viewer, searching)
        deadline = Deadline.after(_MOST_SECONDS)
        continue_run(viewer, started.id, searching, deadline=deadline, on_asked=self._tell)
        return run_detail(viewer, started.id).run

    def _tell(self, question: str, figures: Figures) -> None:
        self.stdout.write(f"{_place(figures):>8} {'refused' if figures.is_refused else '':8} {question}")


def _place(figures: Figures) -> str:
    if figures.is_outdated:
        return "outdated"
    if not figures.expects_places:
        return ""
    return str(figures.found_at or "-")


def _summary(run: RunRow) -> str:
    means = f"recall {run.recall or 0:.3f}, MRR {run.mrr or 0:.3f}"
    return f"""Found among the first {COUNTED}: {run.found} of {run.answerable} ({means})
Not refused: {run.answered} of {run.answerable}
Refused of what the library does not hold: {run.refused} of {run.silent}
To be marked anew: {run.outdated}"""
