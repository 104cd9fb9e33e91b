"""Two documents in force that say different things are both told, with their dates; two that agree are left alone."""

import asyncio
import time
from collections.abc import Sequence
from datetime import date

import pytest

from kbchat.answering.disagreeing import contention, disagreements
from kbchat.answering.events import AnswerEvent, CitationAdded, SourcesDisagree
from kbchat.answering.expecting import expectation_of
from kbchat.answering.statements import statements_of
from kbchat.answering.strategies import Generating, Quoting
from kbchat.answering.weighing import Weighed, Weighing
from kbchat.inference.scripted import ScriptedLanguageModel
from kbchat.retrieval.port import Passage
from tests.rules.answering_support import MemoryRetriever, environment, passage, run, text_of
from tests.waiting import allowed


def told(one: str, other: str, titles: tuple[str, str] = ("Rules", "Guide")) -> str | None:
    """What the first statements on which two documents disagree are about."""
    mine, theirs = (passage(text, title=title) for text, title in zip((one, other), titles, strict=True))
    found = [
        contention(this, mine, that, theirs)
        for this in statements_of([mine])
        for that in statements_of([theirs])
    ]
    return next((about for about in found if about), None)


@pytest.mark.parametrize(
    ("one", "other", "about"),
    [
        (
            "Claims are submitted within 30 days.",
            "Claims must be submitted within 20 days of the trip.",
            "number",
        ),
        ("报销单应在出差结束后 30 天内提交。", "出差结束后 20 天内提交报销单。", "number"),
        ("The gym opens at 7:00 on workdays.", "On workdays the gym opens at 8:30.", "number"),
        (
            "The summer party takes place on 4 July 2025.",
            "The summer party takes place on 11 July 2025.",
            "date",
        ),
        ("年会定于 2025 年 12 月 5 日举行。", "年会在 2025 年 12 月 12 日举行。", "date"),
        ("Private devices may be used for mail.", "Private devices must not be used for mail.", "denial"),
        ("员工可以使用个人邮箱发送公司文件。", "员工不得使用个人邮箱发送公司文件。", "denial"),
        # What is done with it may be said in two ways.
        ("Employees get 15 days of annual leave.", "Employees receive 20 days of annual leave.", "number"),
        ("员工每年享有15天年假。", "员工每年可休10天年假。", "number"),
        ("本制度规定年假为15天。", "本制度规定年假为10天。", "number"),
        (
            "This policy takes effect on 1 May, and trips are paid by 4 July.",
            "Trips are paid by 5 July.",
            "date",
        ),
        # What is denied by a word of a pair of opposites is denied once.
        ("办公区域内禁止吸烟。", "办公区域内可以吸烟。", "denial"),
        ("Overtime is always paid on weekends.", "Overtime is never paid on weekends.", "denial"),
        ("You can enter the lab with a badge.", "You can enter the lab without a badge.", "denial"),
        ("未经批准员工不得外出。", "未经批准员工可以外出。", "denial"),
        (
            "| Item | Limit a night |\n| Hotel in Munich | 180 euro |".replace("| Item", "Item").replace(
                "\n| ", "\n"
            ),
            "Item | Limit a night\nHotel in Munich | 150 euro",
            "number",
        ),
        # Of the same year, grade and span of service.
        ("2025年员工享有10天年假。", "2025年员工享有15天年假。", "number"),
        ("Level A badges expire after 30 days.", "Level A badges expire after 90 days.", "number"),
        (
            "Employees with five years of service get 25 days of leave.",
            "Employees with 5 years of service get 30 days of leave.",
            "number",
        ),
        ("工资每月15日发放。", "工资每月10日发放。", "date"),
        ("工资每月15日发放。", "工资于10日发放。", "date"),
        ("The meeting lasts 2 hours.", "The meeting lasts 1 hour 30 minutes.", "number"),
        ("培训时长为2小时。", "培训时长为1小时30分。", "number"),
        ("培训时长为1小时。", "培训时长为1小时30分。", "number"),
        (
            "The safety training is mandatory for everybody.",
            "The safety training is optional for everybody.",
            "denial",
        ),
        ("Remote work from abroad is permitted.", "Remote work from abroad is prohibited.", "denial"),
        (
            "Staff’s remote work from abroad is permitted.",
            "Staff’s remote work from abroad is prohibited.",
            "denial",
        ),
        ("允许员工在海外远程办公。", "禁止员工在海外远程办公。", "denial"),
    ],
)
def test_what_differs_is_seen_both_ways(one: str, other: str, about: str) -> None:
    assert told(one.replace(" |\n", "\n").removesuffix(" |"), other) == about
    assert told(other, one.replace(" |\n", "\n").removesuffix(" |")) == about


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # The same in other words or numerals.
        ("Claims are submitted within 30 days.", "Claims must be submitted within thirty days of the trip."),
        ("报销单应在出差结束后 30 天内提交。", "出差结束后三十天内提交报销单。"),
        ("The summer party takes place on 4 July 2025.", "On July 4 the summer party takes place."),
        ("Private devices may be used for mail.", "Private devices may be used for mail at home."),
        ("员工可以使用个人邮箱。", "员工可以使用个人邮箱收信。"),
        ("未经批准员工不得外出。", "经批准员工可以外出。"),
        ("You cannot enter the lab without a badge.", "You can enter the lab with a badge."),
        ("培训时长为1小时30分。", "培训时长为90分钟。"),
        ("培训时长为1小时30分。", "培训时长为1.5小时。"),
        ("工资每月15日发放。", "工资于15日发放。"),
        # Another matter.
        ("Claims are submitted within 30 days.", "Visitors are announced within 2 days."),
        ("年假应在 30 天内申请。", "病假单应在 2 天内上传。"),
        ("员工每年享有10天病假。", "员工每年享有15天年假。"),
        ("Employees get 10 days of sick leave a year.", "Employees get 15 days of annual leave a year."),
        (
            "Full-time employees get 15 days of annual leave.",
            "Part-time employees get 10 days of annual leave.",
        ),
        ("国内出差住宿费上限为每晚400元。", "国际出差住宿费上限为每晚1200元。"),
        ("正式员工每年享有15天年假。", "实习生每年享有5天年假。"),
        ("Laptops are replaced every 4 years.", "Phones are replaced every 2 years."),
        # Each document has its own day.
        ("本制度自2024年1月1日起施行。", "本制度自2025年3月1日起施行。"),
        ("This policy takes effect on 1 January 2025.", "This policy takes effect on 1 March 2024."),
        # A rule with its exception, and the exception alone.
        (
            "After 6 hours of work take a break of 30 minutes, after 9 hours of work take a break of 45 minutes.",
            "After 9 hours of work take a break of 45 minutes.",
        ),
        (
            "After 6 hours of work take a break of 30 minutes.",
            "After 9 hours of work take a break of 1 hour 30 minutes.",
        ),
        # Bounds of two sides do not exclude each other.
        ("A mentor meets you for at least 2 hours.", "A mentor meets you for at most 5 hours."),
        # Another period.
        ("Desks are cleaned 3 times a week.", "Desks are cleaned 2 times a day."),
        # Two languages are not compared.
        ("Claims are submitted within 30 days.", "报销单在 20 天内提交。"),
        # Another year, grade, span of service or length of trip.
        ("2024年员工享有10天年假。", "2025年员工享有15天年假。"),
        ("The mileage rate for 2024 is 0.30 EUR.", "The mileage rate for 2025 is 0.35 EUR."),
        (
            "From 1 January 2024 the meal allowance is 12 EUR per day.",
            "From 1 January 2025 the meal allowance is 14 EUR per day.",
        ),
        (
            "Employees with five years of service get 25 days of leave.",
            "Employees with ten years of service get 30 days of leave.",
        ),
        ("工龄满1年的员工享有5天年假。", "工龄满10年的员工享有10天年假。"),
        ("Trips of more than 8 hours are paid 14 EUR.", "Trips of more than 24 hours are paid 28 EUR."),
        ("Level A badges expire after 30 days.", "Level B badges expire after 90 days."),
        ("Grade 3 employees get 10 days of leave.", "Grade 4 employees get 12 days of leave."),
        ("A级员工每年享有15天年假。", "B级员工每年享有10天年假。"),
        ("二级员工每年享有15天年假。", "三级员工每年享有10天年假。"),
        # Another object of the verb that is denied.
        ("Employees must submit receipts.", "Employees must not submit originals."),
        ("员工应当提交收据。", "员工不得提交原件。"),
        # Another row of a like table.
        (
            "Item | Limit a night\nHotel in Munich | 180 euro",
            "Item | Limit a night\nHotel in Bremen | 150 euro",
        ),
    ],
)
def test_what_agrees_or_speaks_of_something_else_is_left_alone(one: str, other: str) -> None:
    assert told(one, other) is None
    assert told(other, one) is None


@pytest.mark.parametrize(
    "titles",
    [
        ("Annual leave policy (Hamburg)", "Annual leave policy (Shanghai)"),
        ("年假政策（汉堡）", "年假政策（上海）"),
        ("Office guide Hamburg", "Office guide Bremen"),
    ],
)
def test_what_holds_for_another_office_is_no_disagreement(titles: tuple[str, str]) -> None:
    assert told("Everybody has 30 days of leave.", "Everybody has 20 days of leave.", titles) is None
    assert told("Everybody has 30 days of leave.", "Everybody has 20 days of leave.") == "number"


def test_long_statements_are_compared_in_time() -> None:
    clause = "where the line manager has approved travel, hotel, meals and incidentals in writing, "
    texts = [f"Employees, {clause * 8}submit receipts within {days} days." for days in range(10, 22)]
    library = tuple(
        passage(text, title=f"Rules {number}", number=number) for number, text in enumerate(texts)
    )
    ranked = tuple(Weighed(statement, 5.0, frozenset(), ()) for statement in statements_of(library))
    started = time.process_time()
    disagreements(Weighing(expectation_of("how many days"), library, ranked, 0.9, {}))
    assert time.process_time() - started < allowed(0.3)


def test_the_beginning_of_a_statement_is_compared_with_all_of_the_other() -> None:
    rest = "and so on, " * 60
    assert told(f"Claims are submitted within 30 days, {rest}.", "Claims are submitted within 20 days.")
    assert (
        told(f"Claims are submitted within 30 days, {rest} 20 days.", "Claims are submitted within 20 days.")
        is None
    )


OLD = passage("Claims are submitted within 30 days.", title="Travel rules", in_force=date(2024, 1, 1))
NEW = passage(
    "Claims must be submitted within 20 days of the trip.", title="Finance guide", in_force=date(2025, 4, 1)
)
LUNCH = passage("Lunch is served at noon.", title="Canteen")
QUESTION = "Within how many days are claims submitted?"
CHINESE = "报销单应在几天内提交？"
ALT = passage("报销单应在出差结束后 30 天内提交。", title="差旅制度", in_force=date(2024, 1, 1))
NEU = passage("出差结束后 20 天内提交报销单。", title="财务指南", in_force=date(2025, 4, 1))


def disagreeing(events: Sequence[AnswerEvent]) -> list[SourcesDisagree]:
    return [event for event in events if isinstance(event, SourcesDisagree)]


@pytest.mark.parametrize(("asked", "library"), [(QUESTION, [OLD, NEW, LUNCH]), (CHINESE, [ALT, NEU, LUNCH])])
def test_quotes_give_both_sides_with_their_dates(asked: str, library: list[Passage]) -> None:
    events = asyncio.run(run(Quoting(), asked, environment(MemoryRetriever(library))))
    (found,) = disagreeing(events)
    assert found.about == "number"
    assert {found.one.effective_from, found.other.effective_from} == {"2024-01-01", "2025-04-01"}
    assert {found.one.quote, found.other.quote} == {library[0].text, library[1].text}
    cited = {event.source for event in events if isinstance(event, CitationAdded)}
    assert {found.one.source, found.other.source} <= cited
    assert all(str(days) in text_of(events) for days in (20, 30))


def test_who_writes_is_told_and_so_is_the_reader() -> None:
    model = ScriptedLanguageModel(
        "Within 20 days [1] or 30 days [2].", label_rule=lambda *_: {"yes": 0.9, "A": 0.9}
    )
    events = asyncio.run(run(Generating(), QUESTION, environment(MemoryRetriever([OLD, NEW, LUNCH]), model)))
    (found,) = disagreeing(events)
    prompt = model.prompts[-1][-1].content
    assert f"Passages [{found.one.source}] and [{found.other.source}] seem to say different things" in prompt
    assert prompt.index("seem to say") > prompt.rindex("fence0000>>"), (
        "no words of documents outside of the fence"
    )


@pytest.mark.parametrize("library", [[OLD, LUNCH], [OLD, passage(OLD.text, title="Copy"), LUNCH]])
def test_sources_that_agree_are_not_flagged(library: list[Passage]) -> None:
    model = ScriptedLanguageModel("Within 30 days [1].", label_rule=lambda *_: {"yes": 0.9, "A": 0.9})
    given = environment(MemoryRetriever(library), model)
    assert not disagreeing(asyncio.run(run(Quoting(), QUESTION, environment(MemoryRetriever(library)))))
    assert not disagreeing(asyncio.run(run(Generating(), QUESTION, given)))
    assert "seem to say" not in model.prompts[-1][-1].content
