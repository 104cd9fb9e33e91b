"""The language of a text, English and Chinese mixed as people mix them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.analysis import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How many days of leave do I get?", "en"),
        ("PTO", "en"),
        ("What does 年假 mean?", "en"),
        ("Zhang Wei (张伟) joined Acme last year.", "en"),
        ("公司 2025 年的年假政策是什么？", "zh"),
        ("公司年假有幾天？", "zh"),
        ("RAG-Token 的 KV 缓存", "zh"),
        ("怎么用 iPhone 连接 office wifi", "zh"),
        ("PTO policy 怎么申请", "zh"),
        ("これはペンです", "other"),
        ("연차 휴가는 며칠입니까", "other"),
        ("Какая политика отпусков?", "other"),
        ("2025 ???", "other"),
        ("", "other"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert language_of(text) == language


@given(st.text(st.characters(exclude_categories=[])))
def test_no_text_raises(text: str) -> None:
    assert language_of(text) in {"en", "zh", "other"}
