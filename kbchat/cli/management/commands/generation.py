"""`manage.py generation build|status|verify|switch|rollback|drop|pause|resume|cancel`: index generations by script."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kbchat import composition
from kbchat.access.viewers import viewer_of
from kbchat.cli.people import active_person
from kbchat.cli.telling import told, told_error
from kbchat.core.deadline import Deadline
from kbchat.core.errors import KbchatError, NotFound
from kbchat.core.viewer import Viewer
from kbchat.evaluation.asking import Searching
from kbchat.evaluation.beir import read_beir_set
from kbchat.evaluation.runs import continue_run, start_run
from kbchat.indexing.encoders import EncoderSource
from kbchat.rebuilding import managing, switching
from kbchat.rebuilding.comparing import GoldenComparison, compare_golden, lost_sentences
from kbchat.rebuilding.developing import DevelopmentComparison, compare_development
from kbchat.rebuilding.managing import BuildRow, GenerationRow, GenerationsView, view_generations
from kbchat.sentences import knows

_POLL_SECONDS: Final = 1.0
_MOST_SECONDS: Final = 24 * 3600.0
_ENDED_OTHERWISE: Final = ("failed", "cancelled")


class Command(BaseCommand):
    help = (
        "Build another index beside the one that answers, compare the two, and change from one to the other."
    )
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as", dest="email", required=True, help="an administrator")
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("status", help="the generations that are kept, and how far each is")
        build = actions.add_parser("build", help="begin a new one; workers build it")
        build.add_argument(
            "--model", default="", help="name or folder of its encoder; else as in the settings"
        )
        build.add_argument("--base-url", default="", help="the server of its encoder")
        build.add_argument("--wait", action="store_true", help="show how far it is until it is built")
        for name, words in (
            ("verify", "ask the golden questions of it and of the one that answers"),
            ("switch", "let it answer from the next question on"),
            ("drop", "keep it no more"),
            ("pause", "hold its build up"),
            ("resume", "go on with its build"),
            ("cancel", "end its build"),
        ):
            action = actions.add_parser(name, help=words)
            action.add_argument("generation", type=int)
            if name == "verify":
                action.add_argument(
                    "--questions",
                    type=Path,
                    help="a folder with corpus.jsonl, queries.jsonl, qrels/test.tsv, whose documents stand in the "
                    "library by their ids or titles: asked of both, too",
                )
            if name == "switch":
                action.add_argument("--reason", default="", help="why, although the checks refuse it")
        actions.add_parser("rollback", help="let the one answer that answered before")

    def handle(self, *args: Any, **options: Any) -> None:
        actions: dict[str, Callable[[Viewer, dict[str, Any]], None]] = {
            "status": self._status,
            "build": self._build,
            "verify": self._verify,
            "switch": self._switch,
            "rollback": self._roll_back,
            "drop": lambda viewer, chosen: switching.retire(viewer, chosen["generation"]),
            "pause": self._of_build(managing.pause_build),
            "resume": self._of_build(managing.resume_build),
            "cancel": self._of_build(managing.cancel_build),
        }
        try:
            viewer = viewer_of(active_person(options["email"]))
            actions[options["action"]](viewer, options)
        except KbchatError as error:
            raise CommandError(told_error(error)) from error

    def _status(self, viewer: Viewer, _: dict[str, Any]) -> None:
        view = _view(viewer)
        for generation in view.generations:
            self.stdout.write(_told(generation))
        for build in view.waiting:
            self.stdout.write(f"(new)  {_told_build(build)}")
        if not view.is_configured:
            self.stdout.write(
                f"The settings name {view.configured}; the library answers by the encoder above that it was built "
                "with. `generation build` builds an index for the other one."
            )

    def _build(self, viewer: Viewer, options: dict[str, Any]) -> None:
        source = EncoderSource(options["model"], options["base_url"])
        build_id = managing.request_build(viewer, source if source.as_stored() else None)
        self.stdout.write("The workers build it. `generation status` shows how far they are.")
        while options["wait"]:
            build = managing.view_build(viewer, build_id)
            if build.state in _ENDED_OTHERWISE:
                raise CommandError(_told_build(build))
            self.stdout.write(_told_build(build))
            if build.state == "built":
                return
            time.sleep(_POLL_SECONDS)

    def _verify(self, viewer: Viewer, options: dict[str, Any]) -> None:
        active, chosen = _answering(_view(viewer)).id, options["generation"]
        judged = read_beir_set(options["questions"].resolve()) if options["questions"] else None
        for lost in lost_sentences(viewer, chosen):
            self.stdout.write(f"lost, of {lost.title}: {lost.text}")
        if judged:
            compared = compare_development(viewer, judged, composition.retriever(), active, chosen)
            self.stdout.write(_told_development(compared))
        searching = Searching(composition.retriever(), composition.encoders(), composition.reranker_name())
        for generation_id in (active, chosen):
            run = start_run(viewer, searching, generation_id)
            continue_run(viewer, run.id, searching, deadline=Deadline.after(_MOST_SECONDS))
        self.stdout.write(_told_comparison(compare_golden(viewer, active, chosen)))

    def _switch(self, viewer: Viewer, options: dict[str, Any]) -> None:
        active = _answering(_view(viewer)).id
        switching.put_in_force(viewer, options["generation"], instead_of=active, reason=options["reason"])
        self.stdout.write(f"Generation {options['generation']} answers from the next question on.")

    def _roll_back(self, viewer: Viewer, _: dict[str, Any]) -> None:
        view = _view(viewer)
        former = [each for each in view.generations if each.answered_until and not each.answers]
        former = [each for each in former if each.state == "ready"]
        if not former:
            raise NotFound
        latest = max(former, key=lambda each: each.answered_until or each.created_at)
        switching.put_in_force(viewer, latest.id, instead_of=_answering(view).id)
        self.stdout.write(f"Generation {latest.id} answers again.")

    @staticmethod
    def _of_build(change: Callable[[Viewer, UUID], None]) -> Callable[[Viewer, dict[str, Any]], None]:
        def changed(viewer: Viewer, options: dict[str, Any]) -> None:
            of = [each for each in _view(viewer).generations if each.id == options["generation"]]
            if not of or of[0].build is None:
                raise NotFound
            change(viewer, of[0].build.id)

        return changed


def _view(viewer: Viewer) -> GenerationsView:
    return view_generations(viewer, composition.encoders())


def _answering(view: GenerationsView) -> GenerationRow:
    """Raises NotFound where nothing was indexed yet."""
    for generation in view.generations:
        if generation.answers:
            return generation
    raise NotFound


def _told(generation: GenerationRow) -> str:
    mark = "*" if generation.answers else " "
    build = f"  {_told_build(generation.build)}" if generation.build else ""
    graph = _told_refusal(generation.graph_problems)
    forced = f"; forced: {generation.override_reason}" if generation.override_reason else ""
    old = "; the program reads text in another way by now, build another one" if generation.is_old else ""
    return (
        f"{mark}{generation.id:>4}  {generation.state:9} {generation.encoder} ({generation.dimension}){build}"
        f"{graph}{forced}{old}"
    )


def _told_build(build: BuildRow) -> str:
    rate = f", {build.rate:.1f} passages a second" if build.rate else ""
    left = f", {build.remaining_seconds:.0f} s left" if build.remaining_seconds else ""
    problem = f", {build.problem}" if build.problem else ""
    return (
        f"{build.state}: {build.written} of {build.passages} passages{rate}{left}{problem}"
        f"{_told_refusal((build.checks or {}).get('problems', []))}"
    )


def _told_refusal(problems: Sequence[str]) -> str:
    return f"; refused: {' '.join(map(_said, problems))}" if problems else ""


def _said(code: str) -> str:
    """A code of a later version, which this one has no sentence for, as it is."""
    return told(code, {}) if knows(code) else code


def _told_development(compared: DevelopmentComparison) -> str:
    left_out = f"; {compared.left_out} left out, whose documents are not here" if compared.left_out else ""
    lost = "".join(f"\n  lost: {text}" for text in compared.lost)
    return (
        f"nDCG@10 of {compared.asked} questions of {compared.name}: {compared.before:.3f} -> {compared.now:.3f} "
        f"(difference {compared.low:+.3f} to {compared.high:+.3f}, 95 %){left_out}{lost}"
    )


def _told_comparison(compared: GoldenComparison) -> str:
    lost = "".join(f"\n  lost (was {each.found_before}): {each.text}" for each in compared.lost)
    return (
        f"Recall of {compared.asked} golden questions: {compared.before:.3f} -> {compared.now:.3f} "
        f"(difference {compared.low:+.3f} to {compared.high:+.3f}, 95 %){lost}"
    )
