"""Logs as one JSON object a line, so that no content of a message can forge a second line or move a cursor."""

import logging
import re

import structlog

_RENDER = structlog.stdlib.ProcessorFormatter(
    foreign_pre_chain=[
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ],
    processors=[
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ],
)


# What JSON lets stand and a terminal or another reader obeys: DEL and the second set of controls (U+009B begins an
# escape sequence like ESC [), line separators, and signs that turn the direction of what follows.
_OBEYED = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return _OBEYED.sub(lambda sign: f"\\u{ord(sign[0]):04x}", _RENDER.format(record))
