"""Golden questions as a file holds them: what is asked and by whom, where the answer stands, what it must contain."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kbchat.core.errors import Invalid


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """`pages` (paths inside the imported folder) and `answers` are alternatives; both are empty where the library is
    silent, or silent to this asker, and a refusal is right. `viewer`: the e-mail of who asks; "": whoever measures.
    `hidden`: pages that he must be shown nothing of."""

    id: str
    question: str
    pages: tuple[str, ...]
    answers: tuple[str, ...]
    viewer: str = ""
    hidden: tuple[str, ...] = ()

    @property
    def is_answerable(self) -> bool:
        return bool(self.pages)


def read_golden_questions(path: Path) -> list[GoldenQuestion]:
    """One JSON object a line with id, question, pages and answers; viewer and hidden, where it has them. Raises
    Invalid("questions_unreadable")."""
    try:
        # Not splitlines, which ends lines at characters that JSON holds unescaped.
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("questions_unreadable", name=path.name) from error
    return [_question(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _question(path: Path, number: int, line: str) -> GoldenQuestion:
    try:
        row: dict[str, Any] = json.loads(line)
        return GoldenQuestion(
            str(row["id"]),
            str(row["question"]),
            tuple(row["pages"]),
            tuple(row["answers"]),
            str(row.get("viewer", "")),
            tuple(row.get("hidden", ())),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid("questions_unreadable", name=path.name, line=number) from error
