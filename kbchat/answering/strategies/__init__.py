"""The ways to answer. One file each; which one serves a turn depends on whether there is a model."""

from kbchat.answering.ports import AnswerStrategy
from kbchat.answering.strategies.generating import Generating
from kbchat.answering.strategies.quoting import Quoting
from kbchat.inference.ports import LanguageModel

__all__ = ["Generating", "Quoting", "strategy_for"]


def strategy_for(model: LanguageModel | None) -> AnswerStrategy:
    """Generating with a model, quoting without one."""
    return Quoting() if model is None else Generating()
