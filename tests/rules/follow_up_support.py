"""Questions that others follow, and what rules make of one behind another."""

from kbchat.answering.ports import PastTurn
from kbchat.answering.rewriting import standalone

LEAVE = "How many days of annual leave do I get?"
REMOTE = "Is remote work allowed?"
OFFICER = "Who is the data protection officer?"
GIFTS = "What are the rules for gifts?"
LAPTOP = "How much can I spend on a laptop?"
HOTEL = "What is the hotel limit in London?"
MEALS = "What is the meal allowance in Germany?"
MEALS_THERE = "What is the meal allowance in the US?"
TRAINING = "What is the budget for training?"
CANTEEN = "When does the canteen open?"
CAR = "What is the company car policy?"
年假 = "公司的年假有多少天？"


def after(before: str, asked: str) -> str:
    return standalone(asked, (PastTurn(before, "An answer."),))
