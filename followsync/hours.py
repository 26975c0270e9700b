"""The hour part of a phrase: ``2:30 pm``, ``noon``, ``before noon``, ``3-4pm``, ``late afternoon``."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from followsync.core.cadence import Window
from followsync.core.workdays import RepRules
from followsync.daywords import MONTH

_PARTS = {
    "morning": Window(time(9), time(12)),
    "afternoon": Window(time(13), time(17)),
    "evening": Window(time(17), time(20)),
}
_ALIASES = {"night": "evening", "am": "morning", "pm": "afternoon"}
_END_OF_DAY = {"eod", "cob", "eob", "end of day", "end of the day", "end of business", "close of business"}

_DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
_CLOCK = r"\d{1,2}(?::\d\d)?(?:[ap]m)?"
_SURE = r"(?:\d{1,2}:\d\d(?:[ap]m)?|\d{1,2}[ap]m)"  # says itself that it is an hour
_UNITS = r"(?:min|hour|hr|day|week|wk|month|mo|year|yr|business|working|people|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_BARE = rf"\d{{1,2}}(?!\s*{_UNITS})"
_TYPED_HOUR = r"(1[0-2]|0?[1-9])([0-5][05])"  # "230"
_BEFORE, _AFTER = r"(?<![\w/.:-])", r"(?![\w/:]|[.-]\d)"

_RANGE = re.compile(rf"{_BEFORE}(?:(between|from)\s+)?({_CLOCK})\s*(?:-|to|and|until|till)\s*({_CLOCK}){_AFTER}")
_LIMIT = re.compile(rf"{_BEFORE}(before|by|until|till|after|from|past)\s+(?:at\s+)?({_SURE}|{_BARE}){_AFTER}")
_POINT = re.compile(rf"{_BEFORE}(?:(?:at|@|around|about)\s*({_SURE}|{_BARE})|({_SURE})){_AFTER}")
_PART = re.compile(
    r"(?<![\w-])(?:(this)\s+)?(?:(in|during|by|at|before|over)\s+(?:the\s+)?)?(?:(early|late|mid)(?:[ -]|(?=morning|afternoon)))?"
    r"(morning|afternoon|evening|night|am|pm|first thing|eod|cob|eob|end of (?:the )?day|(?:end|close) of business)(?![\w-])"
)

_FIRST_HOUR = 5  # o'clock; an earlier one must be said to be of the morning
_SURE_AM = re.compile(r"\d ?a\.?m?\b|in the morning|\d:\d\d(?! ?p)")
_HOUR = r"(1[0-2]|[1-9])(?![\d:/.-])"
_DAY_AND = rf"\b(?:to(?:day|morrow)|{_DAY}) "


def _minutes_to(match: re.Match[str]) -> str:
    """ "10 to 3" is 2:50."""
    before = "at " if match[1].startswith("@") else match[1]
    return f"{before}{'' if before.endswith('at ') else 'at '}{(int(match[3]) - 2) % 12 + 1}:{60 - int(match[2]) % 60:02d}"


def _minutes_past(match: re.Match[str]) -> str:
    return f"{match[1]}{'' if match[1].endswith('at ') else 'at '}{match[3]}:{int(match[2]) % 60:02d}"


_SPELLED = (
    (re.compile(r"\b(\d{1,2})\.([0-5]\d) ?(?=[ap]\.?m)"), r"\1:\2"),
    (  # "2/11 am", "Jan 8 pm": of that day
        re.compile(rf"((?:\b{MONTH} |\d/)\d{{1,2}}) ([ap])\.?m\b\.?"),
        lambda match: f"{match[1]} {'morning' if match[2] == 'a' else 'afternoon'}",
    ),
    (re.compile(r"(\d)\s*([ap])\.?\s?m\b\.?"), r"\1\2m"),
    (re.compile(r"(\d)([ap])(?!\w)"), r"\1\2m"),
    (re.compile(rf"(?<![\w/.:-]){_TYPED_HOUR}(?=[ap]m\b)"), r"\1:\2"),
    (re.compile(rf"(?:\b(?:at|around|about)|@) ?{_TYPED_HOUR}(?![\w/:.-])"), r"at \1:\2"),
    (re.compile(rf"((?:\b{MONTH} |\d/)\d{{1,2}}(?:st|nd|rd|th)?) {_TYPED_HOUR}$"), r"\1 at \2:\3"),  # "1/15 1230"
    (re.compile(r"(?<=\d) ?& ?(?=\d)"), " and "),
    (re.compile(r"(?<=\d[ap]m) ?(?:sharp|or so|on the dot)\b|(?<=:\d\d) ?(?:sharp|or so|on the dot)\b"), ""),
    (re.compile(r"\b(?:at )?(\d{1,2}) (?:sharp|on the dot)\b"), r"at \1"),
    (re.compile(r"\b(?:at )?any ?time(?= |$)|(?<= )all day\b"), ""),
    (re.compile(r"\b(noon|midday|lunch|(?:early |late |mid)?(?:morning|afternoon)|evening|eod)-?ish\b"), r"\1"),
    (re.compile(r"\b(\d{1,2})\s*o'?\s?clock\b(?: sharp\b)?"), r"at \1"),
    (re.compile(r"\b(?:12 )?(?:noon|midday)\b"), "12:00pm"),
    (re.compile(r"\bhalf past (\d{1,2})"), r"\1:30"),
    (re.compile(r"\b(?:a )?quarter (?:past|after) (\d{1,2})"), r"\1:15"),
    (re.compile(r"\b(?:a )?quarter (?:to|of|before|till?) (\d{1,2})"), lambda match: f"{(int(match[1]) - 2) % 12 + 1}:45"),
    (re.compile(rf"(\bat |@ ?)(5|10|20|25) (?:to|of|till?) {_HOUR}"), _minutes_to),  # "10 to 3" alone is from when to when
    (re.compile(rf"({_DAY_AND})(5|10|20|25) of {_HOUR}"), _minutes_to),
    (re.compile(rf"(^|\bat )(20|25) (?:to|of|till?) {_HOUR}"), _minutes_to),
    (re.compile(rf"(^|\bat |{_DAY_AND})(\d{{1,2}}) min(?:ute)?s? (?:to|of|till?|before) {_HOUR}"), _minutes_to),
    (re.compile(rf"(^|\bat |{_DAY_AND})(\d{{1,2}}) min(?:ute)?s? (?:past|after) {_HOUR}"), _minutes_past),
    (re.compile(rf"(^|\bat |{_DAY_AND})(5|10|20|25) past {_HOUR}"), _minutes_past),
    (re.compile(rf"(^|\bat )(5|10|20|25) after {_HOUR}"), _minutes_past),  # "mar 20 after 2"
    (re.compile(r"(?:\b(?:at|around|about) )?(\d{1,2}(?::\d\d)?)(?:[ap]m)?-?ish\b"), r"at \1"),
    (re.compile(rf"\b(to(?:day|morrow)|{_DAY}) (\d{{1,2}}) ?(?:-|to) ?(\d{{1,2}})$"), r"\1 from \2 to \3"),
    (re.compile(rf"^(\d{{1,2}}) ?(?:-|to) ?(\d{{1,2}}) (to(?:day|morrow)|{_DAY})$"), r"\3 from \1 to \2"),
    (re.compile(rf"\b(to(?:day|morrow)|{_DAY}) (?!20[2-4]\d)([01]\d|2[0-3])([0-5]\d)$"), r"\1 \2:\3"),
    (re.compile(rf"\b(to(?:day|morrow)|{_DAY}) ([1-9])(00|15|30|45)$"), r"\1 \2:\3"),
    (re.compile(r"(\b\d{4}-\d{1,2}-\d{1,2}) ([01]\d|2[0-3])([0-5]\d)$"), r"\1 \2:\3"),
    (re.compile(r"\b([01]?\d|2[0-3])h([0-5]\d)?$"), lambda match: f"{match[1]}:{match[2] or '00'}"),
    (re.compile(r"\b(to(?:day|morrow|night)) (\d{1,2})$"), r"\1 at \2"),  # "Friday 9" may be a date
    (re.compile(rf"^early (to(?:day|morrow)|{_DAY})$"), r"\1 early morning"),
    (re.compile(rf"^late (to(?:day|morrow)|{_DAY})$"), r"\1 late afternoon"),
    (re.compile(r"\btonight\b"), "today evening"),
    (re.compile(rf"\b(to(?:day|morrow)|{_DAY}) eve\b"), r"\1 evening"),
    (re.compile(r"\b(?:first|1st) thing(?: in the morning)?\b"), "first thing"),
    (re.compile(r"\bbefore lunch(?:time)?\b"), "before 12:00pm"),
    (re.compile(r"\bafter lunch(?:time)?\b"), "afternoon"),
    (
        re.compile(
            r"\b(?:(?:at|around|about|over|during|for) )?lunch(?:[ -]?time)?\b(?=.*\d(?::\d\d|[ap]m))|(?<=\d[ap]m) (?:for )?lunch\b"
        ),
        "",
    ),
    (re.compile(r"\b(?:(?:at|around|about|over|during|for) )?lunch(?:[ -]?time)?\b"), "12:00pm"),
    (
        re.compile(rf"^(by|before|until) ((?:next |this )?(?:to(?:day|morrow)|{_DAY})) (?:at |@ )?({_SURE}|eod|cob|end of day)$"),
        r"\2 \1 \3",
    ),
)


_ZONE = re.compile(  # behind an hour: "2pm PT", "2 pm (Mountain)"; "2pm Pacific Sign Co" names a business
    r"[ ,(]*(?:(?-i:([ECMP])[SD]?T)\b|(?-i:([ecmp])t)(?=\s*(?:$|[,;:.!?)(–—\x1c-\x1f-])"
    r"|\s(?:to|re|about|with|w/|call|visit|his|her|their|my|our|time|on)\b)|(?:gmt|utc|bst|cet|cest|msk|ist|jst|a[eck][sd]t|[echa][sd]t|[mp][sd]t)\b"
    r"|(e)astern\b|(?:central|mountain|pacific|hawaii(?:an)?|alaska|atlantic|arizona)\b)(?: (?:standard|daylight))?(?: time\b)?\)?"
    r"(?! (?-i:(?!(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|On)\w*\b)[A-Z][a-z]))",
    re.IGNORECASE,
)
_ZONE_TIME = re.compile(  # wherever it stands: "his time", "Mountain time", "Denver time"
    r"(?<![\w'-])(?:(?:his|her|their|there|local|west coast|central|mountain|pacific|hawaii(?:an)?|alaskan?|atlantic|arizona"
    r"|california|[cmp][sd]?t)(?: (?:standard|daylight))?|(?-i:(?!(?:Eastern|Our|My|Next|This|Lunch|Any|Some|Same|First|Good|Prime"
    r"|Long|Full|Part|Half|Over|Down|Tee|Show|Game"
    r"|Time|Spring|Summer|Winter|Fall|Holiday|Christmas)\b)[A-Z][a-z]+(?: [A-Z][a-z]+)?)) time(?![\w'-])",
    re.IGNORECASE,
)


def of_another_zone(text: str, ours: str, at: int | None = None) -> bool:
    """Whether ``text`` says an hour of another time zone than that called ``ours`` ("EST"): in so many words, or directly behind what ends
    ``at``; where that is not told, behind any hour in it."""
    if _ZONE_TIME.search(text):
        return True
    ends = [at] if at is not None else [match.end() for match in _POINT.finditer(text.lower())]
    return any((zone := _ZONE.match(text, end)) is not None and not _is_ours(zone[1] or zone[2] or zone[3], ours) for end in ends)


def zone_behind(text: str, at: int) -> int:
    """Where the name of a zone ends that stands directly behind what ends ``at``; else ``at``."""
    zone = _ZONE.match(text, at)
    return zone.end() if zone else at


def _is_ours(letter: str | None, ours: str) -> bool:
    """Whether "2pm ET" is said in the rep's own time."""
    return bool(letter) and len(ours) == 3 and ours[0] == (letter or "").upper() and ours[-1] == "T"


class Contradiction(Exception):
    """The phrase says two hours, or an hour that no clock shows."""


def split_hours(phrase: str, rep: RepRules, day: date | None = None) -> tuple[str, time | Window | None]:
    """The lower-case ``phrase`` without its hour part, and that hour or window (wall clock); where it speaks of the begin or the end of
    work ("first thing", "EOD"), of ``day``'s. Raises Contradiction."""
    phrase_said = phrase
    for pattern, spelled in _SPELLED:
        phrase = pattern.sub(spelled, phrase)
    phrase, half, part = _day_part(phrase, working_hours(rep, day), rep)
    phrase, found = _clock(phrase, rep, half)
    if _POINT.search(phrase) or _PART.search(phrase):
        raise Contradiction
    match part, found:
        case None, _:
            return phrase, found
        case _, None:
            return phrase, part
        case _, time(hour=hour) if half == "am" and hour < _FIRST_HOUR and not _SURE_AM.search(phrase_said):
            raise Contradiction  # "am at 10 to 3": nobody calls at 02:50
        case _, time() as start if (start.hour < 12) == (half == "am"):
            return phrase, start
        case _, Window(start=start) as window if (start.hour < 12) == (half == "am"):
            return phrase, window
    raise Contradiction


def working_hours(rep: RepRules, day: date | None = None) -> Window:
    """From the first to the last hour worked on that day, else in any day of the week."""
    hours = rep.workdays.hours
    ranges = (hours.get(day.weekday(), ()) if day else ()) or [window for windows in hours.values() for window in windows]
    if not ranges:
        return Window(time(9), time(17))
    return Window(min(window.start for window in ranges), max(window.end for window in ranges))


def _day_part(phrase: str, worked: Window, rep: RepRules) -> tuple[str, str, Window | None]:
    match = _PART.search(phrase)
    if match is None:
        return phrase, "", None
    this, limit, edge, word = match.groups()
    name = _ALIASES.get(word, word)
    if name in _END_OF_DAY:  # by then, or then
        window = worked if limit in {"by", "before"} else Window(max(_hour_off(worked.end, -1), worked.start), worked.end)
    elif name == "first thing":
        window = Window(worked.start, min(_hour_off(worked.start, 1), worked.end))
    else:
        window = rep.day_parts.get(name) or _PARTS[name]
    rest = f"{phrase[: match.start()]}{' today ' if this else ' '}{phrase[match.end() :]}"
    return rest, "am" if window.start.hour < 12 else "pm", _edge(window, edge)


def _edge(window: Window, edge: str | None) -> Window:
    middle = (datetime.combine(date.min, window.start) + (_length(window) / 2)).time().replace(second=0, microsecond=0)
    match edge:
        case "early":
            return Window(window.start, middle)
        case "late":
            return Window(middle, window.end)
        case "mid":
            quarter = _length(window) / 4
            begin = datetime.combine(date.min, window.start) + quarter
            return Window(begin.time(), (begin + 2 * quarter).time())
        case _:
            return window


def _hour_off(clock: time, hours: int) -> time:
    """An hour later or earlier, on the same day."""
    return clock.replace(hour=min(max(clock.hour + hours, 0), 23))


def _length(window: Window) -> timedelta:
    return datetime.combine(date.min, window.end) - datetime.combine(date.min, window.start)


def _clock(phrase: str, rep: RepRules, half: str) -> tuple[str, time | Window | None]:
    if (match := _RANGE.search(phrase)) and (match[1] or re.fullmatch(_SURE, match[3])):
        return _without(phrase, match), _between(match[2], match[3], rep, half)
    if match := _LIMIT.search(phrase):
        return _without(phrase, match), _limited(match[1], _time(match[2], rep, half), rep)
    if match := _POINT.search(phrase):
        return _without(phrase, match), _time(match[1] or match[2], rep, half)
    return phrase, None


def _without(phrase: str, match: re.Match[str]) -> str:
    return f"{phrase[: match.start()]} {phrase[match.end() :]}"


def _between(first: str, last: str, rep: RepRules, half: str) -> Window:
    """``11-1pm`` begins in the morning, ``3-4pm`` does not: the later half that still lies before the end."""
    end = _time(last, rep, half)
    if last[-1] == "m" and first[-1] != "m":
        begins = [start for start in (_time(f"{first}pm", rep, half), _time(f"{first}am", rep, half)) if start < end]
        start = begins[0] if begins else end
    else:
        start = _time(first, rep, half)
    if start >= end:
        raise Contradiction
    return Window(start, end)


def _limited(word: str, limit: time, rep: RepRules) -> Window:
    worked = working_hours(rep)
    if word in {"before", "by", "until", "till"}:
        begin = rep.day_parts.get("afternoon", _PARTS["afternoon"]).start if word == "by" else worked.start  # "by 4pm" is the afternoon's
        begin = begin if begin < limit else worked.start
        start = begin if begin < limit else limit.replace(hour=max(limit.hour - 1, 0))
        window = Window(start, limit)
    else:
        window = Window(limit, worked.end if worked.end > limit else limit.replace(hour=min(limit.hour + 1, 23)))
    if window.start >= window.end:
        raise Contradiction
    return window


def _time(text: str, rep: RepRules, half: str) -> time:
    digits = text.removesuffix("am").removesuffix("pm")
    hour_text, _, minutes = digits.partition(":")
    hour, minute = int(hour_text), int(minutes or 0)
    said = text[len(digits) :]
    if said and not 1 <= hour <= 12:
        raise Contradiction
    if said or (half and 1 <= hour <= 12):
        hour = hour % 12 + (12 if (said or half) == "pm" else 0)
    elif 1 <= hour <= 12 and not hour_text.startswith("0"):
        hour = _likely(hour % 12, minute, rep)
    if hour > 23 or minute > 59:
        raise Contradiction
    return time(hour, minute)


def _likely(hour: int, minute: int, rep: RepRules) -> int:
    """A bare hour is the one of the two that is worked; where both or none are, 7 to 11 are before noon."""
    if minute > 59:
        raise Contradiction
    worked = working_hours(rep)
    inside = [clock for clock in (hour, hour + 12) if worked.start <= time(clock, minute) < worked.end]
    if len(inside) == 1:
        return inside[0]
    return hour if 7 <= hour <= 11 else hour + 12
