"""`manage.py export_schemas`: write the wire's schema, from which the front end makes its types."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

SCHEMA = Path(__file__).resolve().parents[4] / "frontend" / "src" / "protocol" / "schema.json"


class Command(BaseCommand):
    help = "Write frontend/src/protocol/schema.json (then: npm run types). --check only compares."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        from kbchat.web.wire_schema import wire_schema

        text = json.dumps(wire_schema(), indent=1, ensure_ascii=False) + "\n"
        if not options["check"]:
            SCHEMA.write_text(text, encoding="utf-8")
            return
        if not SCHEMA.exists() or SCHEMA.read_text(encoding="utf-8") != text:
            raise CommandError(
                f"{SCHEMA.name} is out of date. Run: manage.py export_schemas; cd frontend; npm run types"
            )
