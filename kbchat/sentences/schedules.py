"""When a schedule is due, in plain words of both languages: cron is read by few."""

from collections.abc import Sequence, Set
from typing import Final

from kbchat.scheduling.times import Fields

_EVERY_MINUTE: Final = frozenset(range(60))
_EVERY_HOUR: Final = frozenset(range(24))
_EVERY_DAY_OF_MONTH: Final = frozenset(range(1, 32))
_EVERY_MONTH: Final = frozenset(range(1, 13))
_EVERY_DAY_OF_WEEK: Final = frozenset(range(7))
_WORKING_DAYS: Final = frozenset(range(1, 6))
_MOST_TIMES: Final = 6
_DAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_CHINESE_DAYS: Final = "日一二三四五六"


def say_schedule(fields: Fields, language: str) -> str:
    """Without the time zone. English begins with a capital and has no full stop."""
    return _chinese(fields) if language == "zh-hans" else _english(fields)


def _english(fields: Fields) -> str:
    hours, minutes = sorted(fields.hours), sorted(fields.minutes)
    days = _english_days(fields)
    months = [_MONTHS[month - 1] for month in sorted(fields.months)]
    if times := _few_times(fields):
        said = f"{days or 'every day'} at {_listed(times, ' and ')}"
    else:
        within = "" if _goes_around(fields) else f" in the hours {_ranges(hours, ' and ')}"
        said = f"{_english_often(fields, minutes)}{within}" + (f", {days}" if days else "")
    said += f", in {_listed(months, ' and ')}" if fields.months != _EVERY_MONTH else ""
    return said[0].upper() + said[1:]


def _english_often(fields: Fields, minutes: Sequence[int]) -> str:
    if fields.minutes == _EVERY_MINUTE:
        return "every minute"
    if step := _step(minutes, 60):
        return f"every {step} minutes"
    if step := _hour_step(fields):
        return f"every {step} hours, at minute {minutes[0]}"
    return f"every hour at {'minute' if len(minutes) == 1 else 'minutes'} {_listed(minutes, ' and ')}"


def _english_days(fields: Fields) -> str:
    """ "" for every day."""
    weekdays = "" if fields.days_of_week == _EVERY_DAY_OF_WEEK else _english_weekdays(fields.days_of_week)
    if fields.days_of_month == _EVERY_DAY_OF_MONTH:
        return weekdays
    days = sorted(fields.days_of_month)
    word = "day" if len(days) == 1 else "days"
    dated = f"on {word} {_ranges(days, ' and ')} of the month"
    return f"{dated} where that is a {_listed(_names(fields.days_of_week), ' or ')}" if weekdays else dated


def _english_weekdays(days: Set[int]) -> str:
    return "from Monday to Friday" if days == _WORKING_DAYS else f"every {_listed(_names(days), ' and ')}"


def _names(days: Set[int]) -> list[str]:
    return [_DAYS[day] for day in _from_monday(days)]


def _chinese(fields: Fields) -> str:
    hours, minutes = sorted(fields.hours), sorted(fields.minutes)
    days = _chinese_days(fields)
    months = "、".join(str(month) for month in sorted(fields.months))
    if times := _few_times(fields):
        said = f"{days or '每天'} {_listed(times, '和', '、')}"
    else:
        within = "" if _goes_around(fields) else f"{_ranges(hours, '和', '、')} 时内"
        said = "，".join(part for part in (days, within, _chinese_often(fields, minutes)) if part)
    return said if fields.months == _EVERY_MONTH else f"{months} 月，{said}"


def _chinese_often(fields: Fields, minutes: Sequence[int]) -> str:
    if fields.minutes == _EVERY_MINUTE:
        return "每分钟"
    if step := _step(minutes, 60):
        return f"每 {step} 分钟"
    if step := _hour_step(fields):
        return f"每 {step} 小时的第 {minutes[0]} 分"
    return f"每小时的第 {_listed(minutes, '和', '、')} 分"


def _chinese_days(fields: Fields) -> str:
    """ "" for every day."""
    weekdays = ""
    if fields.days_of_week == _WORKING_DAYS:
        weekdays = "周一至周五"
    elif fields.days_of_week != _EVERY_DAY_OF_WEEK:
        weekdays = "每" + "、".join(f"周{_CHINESE_DAYS[day]}" for day in _from_monday(fields.days_of_week))
    if fields.days_of_month == _EVERY_DAY_OF_MONTH:
        return weekdays
    dated = f"每月 {_ranges(sorted(fields.days_of_month), '和', '、')} 日"
    return f"{dated}且为{weekdays.removeprefix('每')}" if weekdays else dated


def _few_times(fields: Fields) -> list[str]:
    """On the clock, where there are few enough to say each."""
    if fields.hours == _EVERY_HOUR or len(fields.hours) * len(fields.minutes) > _MOST_TIMES:
        return []
    if len(fields.hours) > 2 and _step(sorted(fields.hours), 24):
        return []
    return [f"{hour:02}:{minute:02}" for hour in sorted(fields.hours) for minute in sorted(fields.minutes)]


def _hour_step(fields: Fields) -> int:
    """In hours, where it is due once in each so many of them; else 0."""
    return _step(sorted(fields.hours), 24) if len(fields.minutes) == 1 else 0


def _goes_around(fields: Fields) -> bool:
    """Whether no hour of the day has to be named."""
    return fields.hours == _EVERY_HOUR or bool(_hour_step(fields))


def _step(values: Sequence[int], whole: int) -> int:
    """How far apart, where they go evenly all around from 0; else 0. Neither of each nor of a single one."""
    step = whole // len(values)
    is_even = 1 < len(values) < whole and list(values) == list(range(0, whole, step)) and whole % step == 0
    return step if is_even else 0


def _from_monday(days: Set[int]) -> list[int]:
    return sorted(days, key=lambda day: (day - 1) % 7)


def _listed(values: Sequence[object], last: str, between: str = ", ") -> str:
    said = [str(value) for value in values]
    return last.join(part for part in (between.join(said[:-1]), said[-1]) if part)


def _ranges(values: Sequence[int], last: str, between: str = ", ") -> str:
    """Three and more that follow one another are said by their ends."""
    runs: list[list[int]] = []
    for value in values:
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    parts = [
        part
        for run in runs
        for part in ([f"{run[0]}–{run[-1]}"] if len(run) > 2 else [str(value) for value in run])
    ]
    return _listed(parts, last, between)
