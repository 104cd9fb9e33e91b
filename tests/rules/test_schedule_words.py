"""When something is due, in words and as times: in both languages and any time zone, while the clock changes too."""

from datetime import UTC, datetime

import pytest

from kbchat.core.errors import Invalid
from kbchat.scheduling.times import crontab_of, expression_of, fields_of, next_times
from kbchat.sentences.schedules import say_schedule

WORDS = [
    ("0 2 * * *", "Every day at 02:00", "每天 02:00"),
    ("0 2,14 * * *", "Every day at 02:00 and 14:00", "每天 02:00和14:00"),
    ("30 8 * * 1-5", "From Monday to Friday at 08:30", "周一至周五 08:30"),
    ("0 3 * * 4,1", "Every Monday and Thursday at 03:00", "每周一、周四 03:00"),
    ("0 3 * * 0", "Every Sunday at 03:00", "每周日 03:00"),
    ("0 6 1 * *", "On day 1 of the month at 06:00", "每月 1 日 06:00"),
    ("0 6 1-7 * 1", "On days 1–7 of the month where that is a Monday at 06:00", "每月 1–7 日且为周一 06:00"),
    ("0 0 1 1,7 *", "On day 1 of the month at 00:00, in January and July", "1、7 月，每月 1 日 00:00"),
    ("* * * * *", "Every minute", "每分钟"),
    ("*/15 * * * *", "Every 15 minutes", "每 15 分钟"),
    ("*/30 * * * 6,0", "Every 30 minutes, every Saturday and Sunday", "每周六、周日，每 30 分钟"),
    ("*/10 8-17 * * 1-5", "Every 10 minutes in the hours 8–17, from Monday to Friday",
     "周一至周五，8–17 时内，每 10 分钟"),
    ("15 * * * *", "Every hour at minute 15", "每小时的第 15 分"),
    ("5,35 * * * *", "Every hour at minutes 5 and 35", "每小时的第 5和35 分"),
    ("0 */6 * * *", "Every 6 hours, at minute 0", "每 6 小时的第 0 分"),
    ("20 8-17 * * *", "Every hour at minute 20 in the hours 8–17", "8–17 时内，每小时的第 20 分"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "english", "chinese"), WORDS)
def test_it_is_said_in_plain_words(expression: str, english: str, chinese: str) -> None:
    crontab = crontab_of(expression, "Europe/Berlin")
    assert expression_of(crontab) == expression
    assert say_schedule(fields_of(crontab), "en") == english
    assert say_schedule(fields_of(crontab), "zh-hans") == chinese


@pytest.mark.parametrize(
    ("days", "read"),
    [
        ("7", {0}),
        ("07", {0}),
        ("1,7", {0, 1}),
        ("5-7", {0, 5, 6}),
        ("fri,7", {0, 5}),
        ("0-7", set(range(7))),
        ("1-7", set(range(7))),
        ("7-7", {0}),
        ("5-7/7,2", {2, 5}),
        ("7-2", {0, 1, 2}),
        ("1-7/2", {0, 1, 3, 5}),
        ("0-7/2", {0, 2, 4, 6}),
        ("*/7", {0}),
        ("7,*/3", {0, 3, 6}),
    ],
)
def test_sunday_may_be_called_7_too(days: str, read: set[int]) -> None:
    crontab = crontab_of(f"0 9 * * {days}", "UTC")
    assert fields_of(crontab).days_of_week == read
    assert crontab_of(expression_of(crontab), "UTC").day_of_week == crontab.day_of_week


@pytest.mark.parametrize("days", ["8", "17", "0-8", "70", "1-77", "1-7/0"])
def test_no_other_number_is_a_day_of_the_week(days: str) -> None:
    with pytest.raises(Invalid):
        crontab_of(f"0 9 * * {days}", "UTC")


@pytest.mark.parametrize(
    ("expression", "zone", "code"),
    [
        ("", "UTC", "schedule_unreadable"),
        ("* * * *", "UTC", "schedule_unreadable"),
        ("* * * * * *", "UTC", "schedule_unreadable"),
        ("60 * * * *", "UTC", "schedule_unreadable"),
        ("* 24 * * *", "UTC", "schedule_unreadable"),
        ("* * 0 * *", "UTC", "schedule_unreadable"),
        ("*/0 * * * *", "UTC", "schedule_unreadable"),
        ("a b c d e", "UTC", "schedule_unreadable"),
        ("5-1 * * * *", "UTC", "schedule_unreadable"),
        ("0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23 " * 5, "UTC", "schedule_unreadable"),
        ("0 0 31 2 *", "UTC", "schedule_never_due"),
        ("0 2 * * *", "Mars/Olympus", "schedule_time_zone_unknown"),
        ("0 2 * * *", "../../etc/passwd", "schedule_time_zone_unknown"),
        ("0 2 * * *", "", "schedule_time_zone_unknown"),
    ],
)
def test_what_cannot_be_read_is_refused(expression: str, zone: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        crontab_of(expression, zone)


def due(expression: str, zone: str, after: str, count: int = 3) -> list[str]:
    found = next_times(crontab_of(expression, zone), datetime.fromisoformat(after), count)
    return [moment.astimezone(UTC).strftime("%m-%d %H:%M") for moment in found]


def test_times_follow_the_clock_of_their_zone() -> None:
    assert due("0 2 * * *", "Asia/Shanghai", "2026-01-01T00:00:00Z") == [
        "01-01 18:00",
        "01-02 18:00",
        "01-03 18:00",
    ]
    assert due("30 8 * * 1", "Europe/Berlin", "2026-06-01T06:30:00Z", 2) == ["06-08 06:30", "06-15 06:30"]
    assert due("0 0 29 2 *", "UTC", "2097-01-01T00:00:00Z", 1) == ["02-29 00:00"]


@pytest.mark.parametrize(
    ("expression", "after", "year"),
    [
        ("0 2 23 11 1", "2026-11-24", 2037),
        ("0 2 29 2 1", "2072-03-01", 2112),
        ("0 2 29 2 6", "2076-03-01", 2116),
    ],
)
def test_a_day_on_which_everything_fits_may_be_forty_years_away(
    expression: str, after: str, year: int
) -> None:
    (found,) = next_times(crontab_of(expression, "UTC"), datetime.fromisoformat(f"{after}T00:00:00Z"), 1)
    assert found.year == year


def test_an_hour_that_is_skipped_is_due_once_an_hour_later_and_one_that_comes_twice_is_due_once() -> None:
    """Berlin: 29 March 2026 has no 02:30, 25 October has two."""
    spring = due("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z")
    assert spring == ["03-28 01:30", "03-29 01:30", "03-30 00:30"]
    autumn = due("30 2 * * *", "Europe/Berlin", "2026-10-24T00:00:00Z")
    assert autumn == ["10-24 00:30", "10-25 00:30", "10-26 01:30"]
    often = next_times(
        crontab_of("*/20 * * * *", "Europe/Berlin"), datetime(2026, 3, 29, 0, 0, tzinfo=UTC), 9
    )
    assert often == sorted(set(often))
