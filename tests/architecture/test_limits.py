"""Every number that says how much is the most has a name in `kbchat.core.limits`, and somebody is turned away by it."""

import re
from collections.abc import Mapping
from typing import Final

from kbchat.core.limits import Limit
from kbchat.settings.environment import PROJECT_ROOT
from kbchat.settings.limits import Limits

# It makes people wait and turns nobody away.
ONLY_WAITED_FOR: Final = {"most_answers_running"}
# Several numbers of one limit.
COUNTED_AS: Final[Mapping[str, Limit]] = {
    "most_sign_in_failures_of_address": Limit.SIGN_IN_FAILURES,
    "most_sign_in_failures_of_account": Limit.SIGN_IN_FAILURES,
    "most_resets_of_address": Limit.RESETS,
    "most_resets_of_account": Limit.RESETS,
    "most_largest_files_at_once": Limit.UPLOAD_BYTES,
}


def test_each_most_has_a_limit() -> None:
    most = {name for name in Limits.model_fields if name.startswith("most_")}
    names = {f"most_{limit.value}" for limit in Limit}
    assert most - names == COUNTED_AS.keys() | ONLY_WAITED_FOR


def test_each_limit_is_counted_where_it_is_reached() -> None:
    counted = {
        found
        for path in (PROJECT_ROOT / "kbchat").rglob("*.py")
        for found in re.findall(r"\bLimit\.([A-Z_]+)", path.read_text(encoding="utf-8"))
    }
    assert counted == {limit.name for limit in Limit}
