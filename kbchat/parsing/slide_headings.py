"""Headings that a presentation itself does not have, in the language of what stands below them."""

from kbchat.parsing.characters import is_unspaced


def slide_heading(number: int, told: str) -> str:
    """Of a slide without a title."""
    return f"第 {number} 张幻灯片" if _is_chinese(told) else f"Slide {number}"


def notes_heading(told: str) -> str:
    """Of what a speaker wrote for himself."""
    return "备注" if _is_chinese(told) else "Notes"


def _is_chinese(told: str) -> bool:
    return 3 * sum(map(is_unspaced, told)) > sum(map(str.isalpha, told))
