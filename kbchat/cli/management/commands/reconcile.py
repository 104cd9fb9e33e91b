"""`manage.py reconcile`: whether files, documents and the search index hold what they should of each other."""

from collections.abc import Iterable
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from kbchat.library.reconciling import Fault, Finding, count_steps, find_faults, mend

_WORDS: Final = {
    Fault.FILE_WITHOUT_VERSION: "a file that no document has",
    Fault.UNFINISHED_FILE: "a file that was not written to its end",
    Fault.VERSION_WITHOUT_FILE: "the file of this version is lost; upload the same file again as its next version",
    Fault.WRONG_BYTES: "the file of this version is damaged; upload the same file again as its next version",
    Fault.NOT_PURGED: "this document was deleted and is not purged; see that workers and scheduler run",
    Fault.VERSION_WITHOUT_PASSAGES: "this version lost its text",
    Fault.PASSAGE_WITHOUT_VERSION: "passages whose version is gone",
    Fault.PASSAGES_NOT_INDEXED: "passages of this version that search does not find",
    Fault.VECTOR_WITHOUT_PASSAGE: "vectors whose passage is gone",
    Fault.TERMS_WITHOUT_VECTOR: "passages that are gone and still have words in the index",
}

_READ_AGAIN: Final = {Fault.VERSION_WITHOUT_PASSAGES, Fault.PASSAGES_NOT_INDEXED}


class Command(BaseCommand):
    help = (
        "Compare the database with the stored files, both ways, and every search index with the passages; read every "
        "file and compare it with its checksum. Ends with 1 where anything is wrong that was not mended."
    )
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--mend",
            action="store_true",
            help="remove what nothing belongs to, and let workers make again what is missing",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with tqdm(total=count_steps(), unit="file", disable=None) as bar:
            found = list(find_faults(bar.update))
        self._tell(found)
        left = mend(found) if options["mend"] else found
        if options["mend"] and found:
            self.stdout.write(f"Mended: {len(found) - len(left)} of {len(found)}.")
            if {each.fault for each in found if each not in left} & _READ_AGAIN:
                self.stdout.write("Documents that lost a part are made searchable again by the workers.")
        if left:
            raise CommandError(
                f"{len(left)} {'difference' if len(left) == 1 else 'differences'} left."
                + ("" if options["mend"] else " `manage.py reconcile --mend` mends what needs no person.")
            )
        self.stdout.write("Nothing is left over and nothing is missing.")

    def _tell(self, found: Iterable[Finding]) -> None:
        for finding in found:
            where = f" (index {finding.generation})" if finding.generation else ""
            count = f"{finding.count} × " if finding.count > 1 else ""
            self.stdout.write(f"{finding.subject or '-'}  {count}{_WORDS[finding.fault]}{where}")
