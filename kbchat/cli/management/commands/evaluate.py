"""`manage.py evaluate QUESTIONS.jsonl --collection NAME --as EMAIL`: search and answers against golden questions."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kbchat import composition
from kbchat.access.viewers import viewer_of
from kbchat.cli.people import active_person
from kbchat.cli.telling import told_error
from kbchat.core.errors import KbchatError, NotFound
from kbchat.core.viewer import Viewer
from kbchat.evaluation.golden import read_golden_questions
from kbchat.evaluation.measuring import Measured, Tools, measure
from kbchat.evaluation.reporting import as_json, header, line, summary
from kbchat.library.collections import collection_named


class Command(BaseCommand):
    help = "Ask golden questions as a person; show which pages search finds and what the quoting answer says."
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("questions", type=Path, help="JSON lines: id, question, pages, answers")
        parser.add_argument("--collection", required=True, help="the name of the collection that is asked")
        parser.add_argument("--as", dest="email", required=True, help="the person who asks")
        parser.add_argument("--json", type=Path, help="write everything that was measured to this file too")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            measured = self._measure(
                viewer_of(active_person(options["email"])), options["collection"], options["questions"]
            )
        except KbchatError as error:
            raise CommandError(told_error(error)) from error
        for words in ("", *summary(measured)):
            self.stdout.write(words)
        if options["json"]:
            told = json.dumps(as_json(measured), ensure_ascii=False, indent=1, default=str)
            options["json"].write_text(told + "\n", encoding="utf-8")

    def _measure(self, viewer: Viewer, collection: str, path: Path) -> list[Measured]:
        questions = read_golden_questions(path)
        try:
            collection_id = collection_named(viewer, collection)
        except NotFound as error:
            raise CommandError(f"There is no collection {collection!r} that this person may read.") from error
        self.stdout.write(header())
        return measure(
            viewer,
            questions,
            collection_id=collection_id,
            tools=Tools(composition.retriever(), composition.encoders()),
            on_measured=lambda one: self.stdout.write(line(one)),
        )
