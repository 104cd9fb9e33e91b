"""`manage.py load_sample_company`: the invented company of deploy/sample_company; `run` starts it on a first start."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kbchat import composition
from kbchat.accounts.models import User
from kbchat.cli.first_start import loaded_mark, sample_company_belongs_here
from kbchat.cli.sample_company import load
from kbchat.cli.sample_manifest import read_sample_company


class Command(BaseCommand):
    help = "Send in the sample company's documents. Repeating it changes nothing."
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def handle(self, *args: Any, **options: Any) -> None:
        environment = composition.environment()
        if not sample_company_belongs_here(environment):
            raise CommandError(
                "The sample company belongs on a demo of its own machine: embedded PostgreSQL, KBCHAT_HOST 127.0.0.1."
            )
        try:
            sent = load(read_sample_company(), max_bytes=environment.upload_max_bytes)
        except User.DoesNotExist as error:
            raise CommandError(
                "Its people do not exist; `manage.py run` makes them on the first start."
            ) from error
        loaded_mark(environment).touch(mode=0o600)
        self.stdout.write(f"Sample company: {sent} files sent in; they become searchable one by one.")
