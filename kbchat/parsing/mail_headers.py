"""Headers of mails as their senders meant them, although many are written against the rules.

Knows nothing of what stands below the headers.
"""

import re
from email import policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Any, Final, cast

from kbchat.parsing.characters import on_one_line
from kbchat.parsing.encoding import decode
from kbchat.parsing.errors import ParseError

_MOST_CHARACTERS: Final = 20_000
_MOST_OF_A_PART: Final = 4_000
"""Of the headers that say what a part is: taking them apart costs more than their length."""

# Senders say gb2312 and mean its largest member: one character beyond it would spoil the rest of the line.
_CHINESE_LABEL: Final = re.compile(
    r"(=\?|\*=\s*\"?)(?:gb2312|gb_2312-80|gbk|x-gbk|cp936|euc-cn)(?=[?*'])", re.IGNORECASE
)
_RAW: Final = re.compile("[\udc80-\udcff]")

ODD: Final = (ValueError, LookupError, AttributeError, TypeError)
"""What the library raises for headers and parts that follow no rule."""


class _AsMeant(policy.EmailPolicy):
    """The library's rules for headers, which read bytes of no told encoding as unknown characters."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        if hasattr(value, "name"):
            return value
        is_of_a_part = name.lower().startswith("content-")
        meant = _meant(value[: _MOST_OF_A_PART if is_of_a_part else _MOST_CHARACTERS])
        return super().header_fetch_parse(name, meant)


# It makes what it is asked to make: cast, since only the parser's caller names that.
AS_MEANT: Final = cast("policy.EmailPolicy[EmailMessage]", _AsMeant())


def header(message: EmailMessage, name: str) -> str:
    """A header's text on one line, without its coding; a date in ISO's order. "" when there is none."""
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")
    if len(raw) > _MOST_CHARACTERS:
        return on_one_line(raw[:_MOST_CHARACTERS])
    try:
        told = on_one_line(str(message[name] or ""))
        return parsedate_to_datetime(told).isoformat(" ", "minutes") if name == "Date" and told else told
    except ODD:
        return on_one_line(raw)


def _meant(value: str) -> str:
    value = _CHINESE_LABEL.sub(r"\1gb18030", value)
    if _RAW.search(value):
        try:
            return decode(value.encode("utf-8", "surrogateescape")).text
        except (ParseError, UnicodeEncodeError):
            return value
    return value
