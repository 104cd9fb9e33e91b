"""`manage.py evaluate_answers SET ...`: what answers are worth, asked of golden questions or of judged sets."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kbchat import composition
from kbchat.cli.answer_sets import add_set_options, cases_of
from kbchat.cli.telling import told_error
from kbchat.core.errors import KbchatError
from kbchat.evaluation.answer_reporting import (
    answers_as_json,
    answers_picture,
    answers_table,
    by_set,
    header,
    line,
)
from kbchat.evaluation.cases import Case
from kbchat.evaluation.citations import EntailmentSupport, SupportJudge, VerifierJudge
from kbchat.evaluation.figures import MEANINGS, figures_of
from kbchat.evaluation.gates import Gate, read_gate
from kbchat.evaluation.ideal_model import ideal_model
from kbchat.evaluation.measuring import Measured, Tools, measure
from kbchat.inference.ports import LanguageModel, ModelUnavailable

_WRITERS: Final = {
    "quotes": "the library's own sentences",
    "model": "the model that the settings name",
    "ideal": "a scripted model that knows the expected words and finds them in what it is shown",
}
Writer = Callable[[Case], LanguageModel | None]


class Command(BaseCommand):
    help = (
        "Ask questions whose answers are known, and show what search found, what the answers say and cite, what was "
        "refused, what nobody should have seen, and how long each step took. Ends with an error where a gate fails."
    )
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        add_set_options(parser)
        parser.add_argument(
            "--by",
            choices=sorted(_WRITERS),
            default="quotes",
            help="; ".join(f"{name}: {words}" for name, words in _WRITERS.items()) + " (default: quotes)",
        )
        parser.add_argument("--json", type=Path, help="write everything that was measured to this file too")
        parser.add_argument("--plot", type=Path, help="draw it into this file, as SVG")
        parser.add_argument(
            "--gate",
            action="append",
            default=[],
            help=f"a bar for all questions together, such as false_answers<=.15; of {', '.join(MEANINGS)}",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            gates = [read_gate(written, MEANINGS) for written in options["gate"]]
            judge = _judge()
            measured = self._measured(cases_of(options, self.stderr), options["by"], judge)
        except KbchatError as error:
            raise CommandError(told_error(error)) from error
        except ModelUnavailable as error:
            raise CommandError(f"The model that KBCHAT_CLAIM_JUDGE names is {error.reason}.") from error
        groups = by_set(measured)
        self.stdout.write(f"\n{answers_table(groups, judge.name)}")
        if options["json"]:
            told = json.dumps(answers_as_json(groups, judge.name), ensure_ascii=False, indent=1, default=str)
            options["json"].write_text(told + "\n", encoding="utf-8")
        if options["plot"]:
            options["plot"].write_text(answers_picture(groups), encoding="utf-8")
        self._hold(gates, measured)

    def _measured(self, cases: list[Case], by: str, judge: SupportJudge) -> list[Measured]:
        retriever = composition.retriever()
        self.stdout.write(header())
        with asyncio.Runner() as answering, _writer(by, answering) as writer:
            tools = Tools(retriever, composition.encoders(), judge, writer)
            return measure(
                cases,
                retriever.pin(),
                tools,
                answering,
                on_measured=lambda one: self.stdout.write(line(one)),
            )

    def _hold(self, gates: list[Gate], measured: list[Measured]) -> None:
        figures = figures_of(measured)
        failed = [gate for gate in gates if not gate.holds(figures)]
        for gate in gates:
            self.stdout.write(f"{'FAILED' if gate in failed else 'holds'}: {gate}")
        if failed:
            raise CommandError(f"{len(failed)} of {len(gates)} gates failed: {', '.join(map(str, failed))}")


def _judge() -> SupportJudge:
    model = composition.entailment()
    return EntailmentSupport(model) if model else VerifierJudge()


@contextmanager
def _writer(by: str, answering: asyncio.Runner) -> Iterator[Writer]:
    """Raises CommandError where a model is asked for and none is configured."""
    if by == "quotes":
        yield lambda _: None
    elif by == "ideal":
        yield lambda case: ideal_model(case.question, case.answers)
    else:
        opened = composition.language_model()
        model = answering.run(opened.__aenter__())
        try:
            if model is None:
                raise CommandError("No model is configured (KBCHAT_LLM_BASE_URL).")
            yield lambda _: model
        finally:
            answering.run(opened.__aexit__(None, None, None))
