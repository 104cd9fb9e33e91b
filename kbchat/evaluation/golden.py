"""Golden questions: what is asked, on which page the answer stands, and the words that it must contain."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kbchat.core.errors import Invalid


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """`pages` (paths inside the imported folder) and `answers` are alternatives; both are empty where the library is
    silent and a refusal is right."""

    id: str
    question: str
    pages: tuple[str, ...]
    answers: tuple[str, ...]

    @property
    def is_answerable(self) -> bool:
        return bool(self.pages)


def read_golden_questions(path: Path) -> list[GoldenQuestion]:
    """One JSON object a line with id, question, pages and answers. Raises Invalid("questions_unreadable")."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("questions_unreadable", name=path.name) from error
    return [_question(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _question(path: Path, number: int, line: str) -> GoldenQuestion:
    try:
        row: dict[str, Any] = json.loads(line)
        return GoldenQuestion(
            str(row["id"]), str(row["question"]), tuple(row["pages"]), tuple(row["answers"])
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid("questions_unreadable", name=path.name, line=number) from error
