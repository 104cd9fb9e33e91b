"""Whatever a log is given stays within one line of JSON, and nothing raw reaches a terminal (T44)."""

import json
import logging
import unicodedata

import pytest

from kbchat.core.logging import JsonFormatter

HOSTILE = (
    'How many days?\r\n{"event": "forged"}\n\x1b]52;c;cm0gLXJm\x07\x1b[2J\x9b2J\x85\x00\x7f'
    "\u2028\u2029\u202e{0.__class__} %s %(name)s {question} 年假"
)
RAW = {"Cc", "Zl", "Zp", "Cf"}


def line_of(message: str, *arguments: object, error: BaseException | None = None, **extra: object) -> str:
    record = logging.getLogger("kbchat.test").makeRecord(
        "kbchat.test",
        logging.WARNING,
        __file__,
        1,
        message,
        arguments,
        (type(error), error, None) if error else None,
        extra=extra,
    )
    return JsonFormatter().format(record)


@pytest.mark.parametrize(
    "line",
    [
        line_of(HOSTILE),
        line_of("refused: %s", HOSTILE),
        line_of("refused", question=HOSTILE),
        line_of("refused", **{HOSTILE: "as a name"}),
        line_of("failed", error=ValueError(HOSTILE)),
    ],
    ids=["message", "argument", "fact", "name of a fact", "error"],
)
def test_it_is_one_line_of_json_and_nothing_raw(line: str) -> None:
    assert not [sign for sign in line if unicodedata.category(sign) in RAW]
    told = json.loads(line)
    assert told["level"] == "warning"
    # Nothing is lost or filled in: it says what was sent.
    assert HOSTILE in "".join([*told, *map(str, told.values())])
