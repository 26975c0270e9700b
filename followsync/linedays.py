"""The day that a typed line agrees upon, cut out of it; the days of what was, cannot be, or is somebody else's are noted down."""

from __future__ import annotations

import re

from followsync.beside import is_a_choice
from followsync.hours import of_another_zone, zone_behind
from followsync.linewords import (
    ABOUT,
    ABSENT,
    BEFORE_THEN,
    CHOICE,
    CLAUSE,
    DAY_FIRST,
    DAY_MARK,
    DENIES,
    DUE,
    ELSEWHERE,
    EVENT,
    EXCLUDED,
    EXCLUDES,
    FIXED_ELSEWHERE,
    FROM_WHEN,
    HAPPENS,
    HEARS,
    IF,
    IT,
    MOVED,
    NEW_CLAUSE,
    NOT,
    NOT_THEN,
    OF_THE_TOPIC,
    PAST,
    SPAN,
    STORY,
    STORY_MARK,
    THEN_IS_WHEN,
    THEY_DO,
    TO,
    TOPIC,
    TOPIC_DAY,
    UNTIL,
    WAS,
)
from followsync.rest import Rest, pieces_of
from followsync.verbs import SEPARATOR, method_at_start, methods_inside
from followsync.when import Found, When, find_when, parse_when
from followsync.who import TELLS

_HOUR = re.compile(r"(?i)\d ?(?:[ap]\.?m?\b|:\d\d)|\b(?:noon|midday)\b|(?:at|@|around|about|before|after|by|[a-z]) ?\d{1,2}\b|\d{3,4}\b")
_LIMIT = re.compile(r"(?i)(?:before|after|until|till?|earlier|later)\b")


def cut_when(line: Rest) -> When | None:
    """The day before the purpose, else one at its very end, unless it may be the day of something else ("confirm the demo Friday")."""
    if meant := _cut_day_meant_by_then(line):
        return meant
    _cut_days_that_cannot_be(line)
    _cut_days_that_were(line)
    found = _days_to_come(line)
    if any(_is_of_another(line, stretch) for stretch in found) and len(found) == 1:
        return _cut_stretches(line, list(found), certain=False)
    if any(NOT.search(line.rest, 0, stretch.start) or IF.search(line.clause(stretch)[0]) for stretch in found):
        return _cut_stretches(line, list(found), certain=False)  # "next week, not Tuesday"
    if any(DENIES.search(line.clause(stretch)[0]) for stretch in found):
        return _cut_stretches(line, list(found), certain=False)  # "cancel the call with Ed Thursday 2pm"
    ours = line.now.astimezone(line.rep.workdays.zone).tzname() or ""
    hours = [stretch for stretch in found if _HOUR.search(line.rest, stretch.start, stretch.end)]
    if any(of_another_zone(line.rest, ours, stretch.end) for stretch in hours):
        return _cut_stretches(line, list(found), certain=False)
    if len(found) == 1 and THEY_DO.search(line.clause(found[0])[0]):
        return _cut_stretches(line, list(found), certain=False)
    if any(is_a_choice(line.rest, stretch.end) for stretch in found):
        return _cut_stretches(line, list(found), certain=False)
    purpose = line.to(TO)
    head = [stretch for stretch in found if purpose is None or stretch.start < purpose.start()]
    if head:
        return _cut_stretches(line, head)
    if purpose and len(found) == 1 and found[0].when:
        before, after = line.rest[purpose.end() : found[0].start], line.rest[found[0].end :]
        if not FIXED_ELSEWHERE.search(before) and not any(letter.isalnum() for letter in after):
            return _cut_stretches(line, list(found))
    return None


def _cut_days_that_cannot_be(line: Rest) -> None:
    """ "Can't do Thursday, try Friday", "Friday not Thursday": where one other day is left, it is the one that is meant."""
    line.notes += [line.cut(moved)] if (moved := MOVED.search(line.rest)) else []
    found = line.times()
    spans = [span for stretch in found if (span := _excluded(line, stretch))]
    left = [stretch for stretch in found if not _excluded(line, stretch)]
    behind = [span for span in spans if left and span[0] > left[-1].start]
    if any(_HOUR.search(line.rest, *span) for span in behind) and not any(_HOUR.search(line.rest, one.start, one.end) for one in left):
        return  # "Tue not Wed 10am": at ten, or only not then?
    if spans and len(left) == 1 and left[0].when and not SPAN.search(line.rest, left[0].start, left[0].end):
        for span in reversed(spans):
            line.notes.append(line.cut(span))


def _cut_day_meant_by_then(line: Rest) -> When | None:
    """ "Contract ends 5/31, call then", "decides on the 23rd, call him that afternoon": the one day that was named before."""
    then = THEN_IS_WHEN.search(line.rest)
    if then is None or NOT_THEN.search(line.rest, 0, then.start("when")):
        return None
    before = [stretch for stretch in line.times() if stretch.start < then.start("when")]
    kept = [(stretch, line.rest[stretch.start : stretch.end]) for stretch in before if stretch.when and not _was(line, stretch)]
    noted = [note[stretch.start : stretch.end] for note in line.notes for stretch in find_when(note, now=line.now, rep=line.rep)]
    said = [phrase for _, phrase in kept] or noted
    if len(said) != 1 or IF.search(line.rest, 0, then.start()):
        return None
    day = FROM_WHEN.sub("", said[0])
    part, beside = then["part"], then["beside"]
    if beside:  # "the week before" is one week before
        beside = re.sub(r"(?i)^(?:the )?(?=(?:day|week|month)s? )", "1 ", beside).lower().replace("prior", "before")
    phrase = f"{day} {part}" if part else f"{beside} {day}" if beside else day
    when = parse_when(phrase, now=line.now, rep=line.rep)
    if beside and SPAN.search(day):  # a week after a week: from which day?
        _cut_stretches(line, [stretch for stretch, _ in kept], certain=False)
        return None
    if when is None:
        return None
    line.notes.append(line.cut(then.span("when")))
    line.rest = f"{line.rest[: then.start('when')]}{SEPARATOR}{DAY_MARK}{line.rest[then.start('when') :]}"
    for stretch, _ in kept:
        line.notes.append(line.cut((stretch.start, stretch.end)))
    return when


def _cut_days_that_were(line: Rest) -> None:
    """ "Met 12/15 with Ann", "saw him last Tuesday": a day of something done, which is never one to come."""
    while was := next((stretch for stretch in reversed(line.times()) if _was(line, stretch)), None):
        line.notes.append(line.cut((was.start, was.end)))


def _was(line: Rest, stretch: Found) -> bool:
    before = line.rest[: stretch.start]
    if PAST.match(line.rest, stretch.start, stretch.end):
        return True
    begin = max((match.end() for match in NEW_CLAUSE.finditer(before)), default=0)
    begin += len(before[begin:]) - len(before[begin:].lstrip())
    small = before[:begin] + before[begin : begin + 1].lower() + before[begin + 1 :]  # a sentence begins with a capital
    was = max(
        (match.end() for match in WAS.finditer(small, begin)), default=begin if line.happened and not NEW_CLAUSE.search(before) else -1
    )
    if was < 0 or UNTIL.match(line.rest, stretch.start):
        return False
    between = before[was:]
    return not method_at_start(between, line.rules) and not methods_inside(between + SEPARATOR, line.rules)


def _is_of_another(line: Rest, stretch: Found) -> bool:
    """ "Wants an estimate next week, call to schedule": the day of what they want or do, and the one of ours was not said."""
    if BEFORE_THEN.search(line.rest, stretch.end):
        return True
    before, _ = line.clause(stretch)
    if not stretch.when or _is_planned(line, stretch) or not ELSEWHERE.search(before) or HEARS.search(before):
        return False
    end = match.end() if (match := CLAUSE.search(line.rest, stretch.end)) else len(line.rest)
    begins = method_at_start(line.rest[end:], line.rules)
    if begins and DUE.search(before) and IT.match(line.rest, end + begins.end):
        return False
    return bool(begins or methods_inside(line.rest[end:], line.rules))


def _excluded(line: Rest, stretch: Found) -> tuple[int, int] | None:
    """From where to where a day is named as one that cannot be."""
    before = EXCLUDES.search(line.rest, 0, stretch.start)
    behind = EXCLUDED.match(line.rest, stretch.end)
    if before is None and behind is None:
        return None
    if before and (_LIMIT.match(line.rest, stretch.start) or IF.search(line.rest, max(before.start() - 3, 0), before.start())):
        return None  # "not before 2" names no day; "Friday if not Monday" two
    return before.start() if before else stretch.start, behind.end() if behind else stretch.end


def _days_to_come(line: Rest) -> tuple[Found, ...]:
    """What is said of time, but for the days that only tell a story where another day is named: "closed today", "out till Monday"."""
    found = tuple(stretch for stretch in line.times() if not (_is_of_the_topic(line, stretch) or _is_of_an_event(line, stretch)))
    told = [stretch for stretch in found if _tells(line, stretch)]
    kept = tuple(stretch for stretch in found if stretch not in told)
    ours = tuple(stretch for stretch in kept if _is_planned(line, stretch))
    if any(stretch.when for stretch in ours) and all(_is_story(line, stretch) for stretch in kept if stretch not in ours):
        return ours
    return kept or found


def _is_of_the_topic(line: Rest, stretch: Found) -> bool:
    """ "About the Apr 2 shipment", "about Friday's 10am demo": a day that says which one is talked about."""
    topic = max((match.start() for match in TOPIC.finditer(line.rest) if match.start() <= stretch.start), default=-1)
    if topic < 0 or (topic < stretch.start and not TOPIC_DAY.fullmatch(line.rest, topic, stretch.start)):
        return False
    return bool(OF_THE_TOPIC.match(line.rest, stretch.end) or DAY_FIRST.match(line.rest, topic))


def _is_of_an_event(line: Rest, stretch: Found) -> bool:
    """ "About the meeting on Friday"."""
    topic = max((match.start() for match in TOPIC.finditer(line.rest, 0, stretch.start)), default=-1)
    said = re.match(r"(?i)(?:on|for)\s", line.rest[stretch.start :])
    return topic >= 0 and bool(said and EVENT.search(line.rest[topic : stretch.start]))


def _is_planned(line: Rest, stretch: Found) -> bool:
    before, behind = line.clause(stretch)
    beside = SEPARATOR in before and STORY_MARK not in before
    return bool(beside or method_at_start(before, line.rules) or methods_inside(before + SEPARATOR, line.rules)) or bool(
        methods_inside(behind, line.rules)
    )


def _is_story(line: Rest, stretch: Found) -> bool:
    """Its clause tells something, and gives no other choice."""
    before, _ = line.clause(stretch)
    return bool(TELLS.search(before) or HAPPENS.search(before) or STORY_MARK in before) and not (CHOICE.match(before) or NOT.search(before))


def _tells(line: Rest, stretch: Found) -> bool:
    before, said = line.clause(stretch)[0], line.rest[stretch.start : stretch.end]
    until = re.match(r"(?i)(?:till?|until|'til|thru|through)\b", said) or re.search(r"(?i)\b(?:till?|until|'til|thru|through)\s*$", before)
    if until:
        return bool(ABSENT.search(before))
    if PAST.match(said):
        return True
    now = re.match(r"(?i)(?:earlier )?(?:today|this (?:morning|afternoon))", said)
    return bool(now and (STORY.search(before) or STORY_MARK in before))


def cut_days_beside_the_name(line: Rest) -> None:
    """Days and hours before the purpose, where they are none: they are noted down. So is what stands behind it and a number, where it
    says a day: no name is made of that."""
    purpose = TO.search(line.rest) or ABOUT.search(line.rest)
    found = line.times()
    end = line.rest.find(SEPARATOR, purpose.end()) if purpose else -1
    behind = [one for one in found if 0 <= end < one.start]
    if purpose and behind and pieces_of(line.rest[: purpose.start()]):
        line.notes.append(line.cut((end + 1, len(line.rest))).strip(f" ,;:–—-{SEPARATOR}").replace(SEPARATOR, " "))
        behind = []
    before = [one for one in found if purpose is None or one.start < purpose.start()]
    for stretch in reversed([*before, *behind]):
        line.notes.append(line.cut((stretch.start, stretch.end)))


def _cut_stretches(line: Rest, stretches: list[Found], *, certain: bool = True) -> When | None:
    said = [line.rest[stretch.start : stretch.end] for stretch in stretches]
    when = None
    if certain:
        when = stretches[0].when if len(stretches) == 1 else parse_when(" ".join(said), now=line.now, rep=line.rep)
    phrases: list[str] = []
    for stretch in reversed(stretches):
        said_hour = _HOUR.search(line.rest, stretch.start, stretch.end)
        end = zone_behind(line.rest, stretch.end) if said_hour else stretch.end
        phrases.insert(0, line.cut((stretch.start, end)))
        line.rest = f"{line.rest[: stretch.start]}{SEPARATOR}{DAY_MARK}{line.rest[stretch.start :]}"
    if when is None:
        line.notes += phrases
    return when
