"""Every fact that an event of the audit trail holds has a name on the page, in English and in Chinese."""

import ast
import re

import pytest

from kbchat.settings.environment import PROJECT_ROOT

_CATALOGUES = PROJECT_ROOT / "frontend" / "src" / "i18n"


def _recorded() -> set[str]:
    """Names of facts, wherever an event is recorded."""
    calls = [
        node
        for path in (PROJECT_ROOT / "kbchat").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and any("AuditAction." in ast.unparse(each) for each in node.args)
    ]
    return {keyword.arg for call in calls for keyword in call.keywords if keyword.arg}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_fact_has_a_name(language: str) -> None:
    catalogue = (_CATALOGUES / f"audit.{language}.ts").read_text(encoding="utf-8")
    named = set(re.findall(r"(\w+):", catalogue.partition("factNames: {")[2].partition("}")[0]))
    recorded = _recorded()
    assert {"collection", "source", "days"} <= recorded
    assert recorded <= named, recorded - named
