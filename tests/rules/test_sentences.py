"""Every code that the program can raise has a sentence in English and in Chinese, and says its facts."""

import ast
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from kbchat.core.errors import KbchatError
from kbchat.inference.ports import ModelUnavailable
from kbchat.parsing import ParseErrorCode, ParseNote
from kbchat.sentences import knows, say
from kbchat.sentences.chinese import CHINESE_SENTENCES
from kbchat.sentences.english import ENGLISH_SENTENCES
from kbchat.sentences.entry import Sentence
from kbchat.settings.environment import PROJECT_ROOT

_SOURCES = [
    path for path in sorted((PROJECT_ROOT / "kbchat").rglob("*.py")) if "migrations" not in path.parts
]


def _errors() -> set[str]:
    """Names of the error tree's classes, wherever they are declared."""
    names = {"KbchatError"}
    declared = [
        node
        for path in _SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    ]
    for _ in declared:
        names |= {
            node.name
            for node in declared
            if any(isinstance(b, ast.Name) and b.id in names for b in node.bases)
        }
    return names


def _raised(tree: ast.AST, errors: set[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        is_error = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in errors
        if is_error and node.args and isinstance(node.args[0], ast.Constant):
            yield node.args[0].value
        if isinstance(node, ast.ClassDef) and node.name in errors:
            for line in node.body:
                if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant):
                    yield line.value.value


def _codes() -> set[str]:
    errors = _errors()
    found = {code for path in _SOURCES for code in _raised(ast.parse(path.read_text()), errors)}
    assert {"last_owner", "not_found", "wrong_credentials", "signed_out"} <= found
    return found


def test_every_raised_code_has_both_sentences() -> None:
    assert sorted(code for code in _codes() if not knows(code)) == []


def test_every_reason_for_not_reading_a_file_has_both_sentences() -> None:
    assert [code for code in ParseErrorCode if not knows(code.value)] == []


def test_every_final_problem_of_a_run_has_both_sentences() -> None:
    """Codes that ingestion keeps in a run's row."""
    source = "\n".join(path.read_text() for path in _SOURCES if {"ingestion", "library"} & set(path.parts))
    kept = set(re.findall(r'\b(?:problem|code)\s*=\s*"([a-z_]+)"', source))
    kept |= set(re.findall(r'\b(?:fail|retry_later|_give_up|_try_again)\([^)]*?"([a-z_]+)"', source))
    assert sorted(code for code in kept if not knows(code)) == []


def test_no_sentence_is_for_a_code_that_nobody_says() -> None:
    source = "\n".join(path.read_text() for path in _SOURCES if path.name not in ("english.py", "chinese.py"))
    assert [code for code in ENGLISH_SENTENCES if f'"{code}"' not in source] == []


def test_the_page_has_words_for_every_reason_of_a_failed_answer() -> None:
    """Reasons stand in a turn's last event; the page translates them itself."""
    source = "\n".join(path.read_text() for path in _SOURCES if {"answering", "chat"} & set(path.parts))
    reasons = set(re.findall(r'state="(?:failed|interrupted)", reason="([a-z_]+)"', source))
    reasons |= {f"model_{reason.value}" for reason in ModelUnavailable.Reason}
    # A use case's error ends a turn with its code (chat.runner).
    reasons |= {"no_active_generation", "encoder_changed", "search_timed_out"}
    for language in ("en", "zh"):
        assert sorted(reasons - _keys_of("reasons", f"chat.{language}.ts")) == [], language


def test_the_page_has_words_for_every_note_on_a_file() -> None:
    for language in ("en", "zh"):
        assert sorted(set(ParseNote) - _keys_of("flags", f"library.{language}.ts")) == [], language


def _keys_of(block: str, catalogue: str) -> set[str]:
    """Of one object in a catalogue of the front end's messages."""
    source = (PROJECT_ROOT / "frontend" / "src" / "i18n" / catalogue).read_text()
    found = re.search(rf"\b{block}: {{(.*?)}}", source, re.DOTALL)
    assert found, f"{catalogue} has no {block}"
    return set(re.findall(r"^ +([a-z_]+):", found.group(1), re.MULTILINE))


def test_the_two_languages_know_the_same_codes() -> None:
    assert ENGLISH_SENTENCES.keys() == CHINESE_SENTENCES.keys()


@pytest.mark.parametrize("catalogue", [ENGLISH_SENTENCES, CHINESE_SENTENCES])
def test_every_message_can_be_said_without_facts(catalogue: dict[str, Sentence]) -> None:
    """Facts come from far below; a missing one must not empty the message. Limits that are always given may stand."""
    always = {"least"}
    for code, entry in catalogue.items():
        last = entry.messages[-1]
        assert {name for _, name, _, _ in Formatter().parse(last) if name} <= always, code


def test_the_two_languages_tell_the_same_facts() -> None:
    for code, english in ENGLISH_SENTENCES.items():
        facts = [
            {
                name
                for text in (*entry.messages, *entry.next_steps)
                for _, name, _, _ in Formatter().parse(text)
            }
            for entry in (english, CHINESE_SENTENCES[code])
        ]
        assert facts[0] == facts[1], code


def test_chinese_is_chinese() -> None:
    for code, entry in CHINESE_SENTENCES.items():
        assert all(re.search(r"[\u4e00-\u9fff]", text) for text in (*entry.messages, *entry.next_steps)), code
        assert not any(re.search(r"[\u4e00-\u9fff][,.;:!?]", text) for text in entry.messages), code


def test_sizes_are_told_in_megabytes() -> None:
    message, _ = say("too_large", {"limit_bytes": 200 * 1024 * 1024, "filename": "a.pdf"}, "en")
    assert message == "The file is larger than 200 MB."
    assert say("too_large", {}, "zh-hans")[0] == "文件过大。"


def test_a_fact_cannot_format_itself() -> None:
    """Facts hold what the reader sent; they are put in, never interpreted."""
    message, _ = say("unsupported_type", {"media_type": "{0.__class__}"}, "en")
    assert "{0.__class__}" in message


def test_an_unknown_code_is_said_as_internal() -> None:
    assert say("never_heard_of", {}, "en") == say(KbchatError.code, {}, "en")
