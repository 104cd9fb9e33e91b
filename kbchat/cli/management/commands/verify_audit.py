"""`manage.py verify_audit`: whether every event of the audit trail is there, in its place, as it was recorded."""

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kbchat.audit.verifying import Fault, Verdict, verify
from kbchat.core.errors import NotAllowed

_WORDS = {
    Fault.MISSING: "is missing",
    Fault.REORDERED: "does not follow the one before it: one of the two was moved or replaced",
    Fault.CHANGED: "was changed",
}


class Command(BaseCommand):
    help = (
        "Check the chain of the audit trail and print its last hash. Keep that hash outside the database: events that "
        "were cut off at the end, and a chain that was made anew, are seen only against a kept hash (--expect). "
        "Connects as the owner (KBCHAT_OWNER_DATABASE_URL)."
    )
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--expect", metavar="HASH", default="", help="must be the hash of one of the events"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        kept = options["expect"].strip().lower()
        if kept and not re.fullmatch(r"[0-9a-f]{64}", kept):
            raise CommandError("--expect takes the 64 digits that an earlier run printed.")
        try:
            verdict = verify(kept_hash=kept)
        except NotAllowed as error:
            raise CommandError("Only the owner of the tables sees all of the trail.") from error
        if verdict.fault is not None:
            raise CommandError(
                f"Event {verdict.events + 1} {_WORDS[verdict.fault]}. Whole until there: {_told(verdict)}"
            )
        if not verdict.has_kept:
            raise CommandError(
                f"No event has the hash {kept}: events were cut off, or made anew. There: {_told(verdict)}"
            )
        self.stdout.write(_told(verdict))


def _told(verdict: Verdict) -> str:
    count = f"{verdict.events} {'event' if verdict.events == 1 else 'events'}"
    return f"{count}, last hash {verdict.last_hash}"
