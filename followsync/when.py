"""Which day a phrase means, as sales reps say it. An own grammar first, dateparser for what is left; a wrong date is worse than none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from followsync.beside import event, grown, is_a_choice, is_touched
from followsync.core.cadence import Window
from followsync.core.workdays import RepRules
from followsync.days import SLIP, day_of
from followsync.daywords import COUNT, MONTH, NUMBERS, SPELLED, UNIT, WEEKDAY, Here, count, date_of, normal, spelled
from followsync.hours import Contradiction, of_another_zone, split_hours, zone_behind
from followsync.names import BUSINESS, GIVEN


@dataclass(frozen=True, slots=True)
class When:
    """A day, and either an hour (``start``, aware, in the rep's zone) or a part of that day (``window``) or neither.

    ``text`` is the echo to show before anything is committed: "Thu 2026-01-08, 13:00-17:00".
    """

    day: date
    start: datetime | None
    window: Window | None
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch ``[start:end]`` of a text that speaks of time. ``when`` is None where it names no day that can be relied on."""

    start: int
    end: int
    when: When | None


def parse_when(text: str, *, now: datetime, rep: RepRules) -> When | None:
    """The day and hour that the whole ``text`` says, or None: nothing is guessed from a part of it, and nothing lies in the past."""
    answer = _read(text, now, rep)
    if answer is not None:
        return answer if answer != "refused" else None
    if len(text) > _LONGEST:
        return None
    try:
        phrase, said = _split(text, rep)
    except Contradiction:
        return None
    day = _by_dateparser(phrase, now.astimezone(rep.workdays.zone), rep.region)
    return _when(day, said, now, rep) if day else None


def until_when(text: str, *, now: datetime, rep: RepRules) -> When | None:
    """The day until which somebody waits, and the hour: "until Friday for her boss", "on their lawyer til Friday 3pm". None where it is not
    one day."""
    if whole := _at_the_end(text, now, rep):
        return whole
    ours = now.astimezone(rep.workdays.zone).tzname() or ""
    if of_another_zone(text, ours):
        return None
    found = find_when(text, now=now, rep=rep)
    if len(found) != 1 or found[0].when is None or of_another_zone(text, ours, found[0].end):
        return None
    said, before = text[found[0].start : found[0].end], text[: found[0].start]
    first = not any(letter.isalnum() for letter in before)
    return _at_the_end(said, now, rep) or found[0].when if first or _UNTIL.match(said) or _UNTIL.search(before) else None


def _at_the_end(text: str, now: datetime, rep: RepRules) -> When | None:
    """What is agreed "until Friday 3pm" ends then; who waits until then looks at 3pm."""
    return parse_when(_UNTIL.sub("", text, count=1) if _UNTIL.match(text) else text, now=now, rep=rep) or parse_when(text, now=now, rep=rep)


def find_when(text: str, *, now: datetime, rep: RepRules) -> tuple[Found, ...]:
    """The stretches of a line that speak of time, longest first from the left, by the own grammar only. Of a very long
    text only the beginning is searched."""
    words = list(re.finditer(r"\S+", text[:_SCANNED]))
    found: list[Found] = []
    first = 0
    while first < len(words):
        hit = None
        if _begins(words[first][0]) and not (first and _STOPS_BY.fullmatch(text[words[first - 1].start() : words[first].end()])):
            hit = _longest(text, words, first, now, rep)
            hit = _counted_from(text, words, first, hit) or hit
        if hit is None:
            first += 1
            continue
        last, stretch = hit
        found.append(stretch)
        first = last
    return _not_touched(text, found)


def _counted_from(text: str, words: list[re.Match[str]], first: int, hit: tuple[int, Found] | None) -> tuple[int, Found] | None:
    """ "2 weeks before the expo", where nobody knows when that is: what is counted from it is no day. None where it is something else."""
    counted = event(text, words[first].start())
    if counted is None or (hit and hit[1].end > counted[0]):
        return None
    end = counted[1]
    last = next((at for at in range(first, len(words)) if words[at].start() >= end), len(words))
    return last, Found(words[first].start(), end, None)


def _not_touched(text: str, found: list[Found]) -> tuple[Found, ...]:
    """``found``, where each that words of time touch takes these in, and names no day."""
    kept: list[Found] = []
    for at, stretch in enumerate(found):
        floor = kept[-1].end if kept else 0
        ceiling = found[at + 1].start if at + 1 < len(found) else len(text)
        start, end = grown(text, stretch.start, stretch.end, floor, ceiling)
        sure = (start, end) == (stretch.start, stretch.end) and not is_a_choice(text, end)
        kept.append(stretch if sure else Found(start, end, None))
    return tuple(kept)


# -- one phrase --------------------------------------------------------------------------------------------------------------------

_LONGEST = 120  # characters
_SCANNED = 600  # characters; a longer text is no line that somebody typed
_MOST_WORDS = 10  # "the first Monday of next month at 9 in the morning"
_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FAR = 3660  # days; a later day is a slip of the finger

_FILLERS = re.compile(r"^(?:(?:on|by|for|until|till?|'til|around|about|approx|say|starting|come|come on|@|at) )+")
_UNTIL = re.compile(r"(?i)(?<![\w'’-])(?:until|till?|'till?|by)(?:\s|$)")
_SPAN = rf"(?:week|month|year|spring|summer|fall|autumn|winter|{MONTH})"
_SEASON = r"spring|summer|fall|autumn|winter|holidays?|holiday season"
_WEEKDAYS = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days"
_SOME_DAY = rf"(?:{WEEKDAY}|{MONTH} \d+|tomorrow|today|next week|the \d+\w\w)"
_VAGUE = re.compile(
    rf"(?:again )?(?:some ?(?:time|day)(?: soon| in {MONTH}| (?:this|next) {_SPAN})?|soon|later|later on|whenever|eventually|asap|one day"
    r"|(?:one|1) of these days|(?:any|some) (?:day|other time|time)(?: now)?|another time|at some point|down the (?:road|line)|in a bit"
    r"|in the (?:near |distant )?future|in a (?:week|month|year) or (?:so|2)"
    rf"|(?:in|within|over|during) the (?:next|coming) (?:few |couple(?: of)? |\d+ )?{UNIT}"
    rf"|(?:in|during|for|over|by|after|this|next|(?:end|middle|beginning|start) of|late|early)(?: the| in the| this| next)? (?:{_SEASON})"
    rf"|same day (?:next (?:week|month)|in .{{1,12}})|\d+ (?:{_WEEKDAYS}) from (?:now|today)|{WEEKDAY}-ish|\d{{1,2}} 1[/⁄]2 {UNIT}"
    rf"|(?:alternate|most) (?:{_WEEKDAYS})|every (?:other|1st|2nd|3rd|4th|last) .{{1,20}}"
    rf"|yesterday|(?:(?:over )?(?:the|this)|next) weekend|in a (?:few|while)(?: {UNIT})?|(?:a )?(?:few|several) {UNIT}|\d+ {UNIT} ago"
    rf"|(?:last|every|every other|each) (?:{WEEKDAY}|week|month|year)|{_SOME_DAY} (?:or|and|/) (?:on )?{_SOME_DAY}"
    rf"|before (?:the )?(?:{_SOME_DAY}|christmas|thanksgiving|easter|holidays?|new year'?s?)|every \d+ {UNIT}"
    rf"|{WEEKDAY} ?(?:-|to|thru|through) ?{WEEKDAY}|(?:later )?this (?:week|month|quarter|year)"
    rf"|\d+ ?(?:-|or|to) ?\d+ {UNIT})"
)
_INSTANT = re.compile(
    r"(?:in|within) (?:about |around )?(\d{1,3}|an?|the(?= hour)) (min(?:ute)?s?|hours?|hrs?)"
    r"|(\d{1,3}|an?) (min(?:ute)?s?|hours?|hrs?) from now"
)
_BEGINS = re.compile(
    rf"\W*(?:same\b|midnight\b|alternate\b|most\b|w/in\b|w/o\b"
    rf"|tom\b|whenever\b|one of\b|any\b|another\b|down the\b|{WEEKDAY}\b|{MONTH}\b|\d|this|next|the|a|an|in|on|by|for|at|@"
    rf"|around|about|until|till|tom|tmrw|today|tonight|day|after|before|between"
    r"|from|over|through|thru|first|second|third|fourth|last|end|begin|start|mid|early|late|noon|midday|half|quarter|some|soon"
    r"|later|yesterday|every|asap"
    r"|week|within|couple|few|several|coming|morning|afternoon|evening|close of|eod\b|cob\b|q[1-4]\b"
    rf"|(?:{'|'.join(SPELLED)})\b|{'|'.join(NUMBERS)})"
)


_STOPS_BY = re.compile(
    r"(?i)(?:stop|swing|drop|pop|come|com|go|run|roll|cruis|cruise|drive|driv|head)(?:p?ing|ning)? (?:by|in|over|around|on)"
)


_OF_TIME = re.compile(
    rf"\W*(?:.*\d.*|{WEEKDAY}|{MONTH}|{UNIT}|(?:to(?:day|night|morrow)|noon|midday|lunch(?:time)?|mornings?|afternoons?|evenings?"
    rf"|night|am|pm|eod|cob|eob|end|close"
    r"|business|first|thing|early|late|mid|half|quarter|past|o'?clock|at|on|by|in|of|the|this|next|coming|between|and|to|or|before"
    r"|after|from|until|till?"
    r"|around|about|for|an?|hours?|hrs?|min(?:ute)?s?|week|month|year))\W*"
)


def _split(text: str, rep: RepRules, day: date | None = None) -> tuple[str, time | Window | None]:
    phrase, said = split_hours(normal(text), rep, day)
    return _FILLERS.sub("", " ".join(phrase.split())), said


def _read(text: str, now: datetime, rep: RepRules) -> When | Literal["refused"] | None:
    """The phrase by the own grammar; "refused" where it speaks of time without naming a day, None where it is something else."""
    if len(text) > _LONGEST:
        return None
    said_so = normal(text)
    if _VAGUE.fullmatch(said_so):
        return "refused"
    if match := _INSTANT.fullmatch(said_so):
        return _soon(count(match[1] or match[3]), match[2] or match[4], now, rep) or "refused"
    if _names_no_hour(said_so, now, rep) or _two_readings(text, said_so, Here(rep.workdays.today(now), rep.workdays, rep.region)):
        return "refused"
    here = Here(rep.workdays.today(now), rep.workdays, rep.region)
    text = _hour_said(said_so, here) or text
    try:
        phrase, said = _split(text, rep)
    except Contradiction:  # "Friday 2pm 4pm"; but in "at lunch rush, stop in Friday 3pm" the two hours are not of one phrase
        return "refused" if all(_OF_TIME.fullmatch(word) for word in said_so.split()) else None
    if not phrase:
        return "refused" if said else None
    answer = day_of(phrase, here)
    if isinstance(answer, date):
        _, said = _split(text, rep, answer)  # "end of day" is when that very day's work ends
        return _when(answer, said, now, rep) or "refused"
    return answer


_NO_HOUR = re.compile(  # the hour of what? and which of the two nights?
    r"(?:(?P<before>.+?) )?(?:at |the |@ ?)*(?:same (?:time|hour)|midnight)(?: as (?:before|today|now|usual|always|last (?:time|week))"
    r"| again)?(?: (?P<after>.+))?"
)


def _names_no_hour(phrase: str, now: datetime, rep: RepRules) -> bool:
    """ "Same time next week", "midnight Friday": beside a day, or alone."""
    match = _NO_HOUR.fullmatch(phrase)
    if match is None:
        return False
    days = [part.removeprefix("on ") for part in (match["before"], match["after"]) if part]
    alone = phrase == "midnight"  # it begins many a name
    return not alone and all(_read(day, now, rep) is not None for day in days)


_EITHER = re.compile(
    r"(?i)(?<![\w:])(?:(?<!at )(?:five|ten) (?:minutes )?(?:to|of|till?) (?:\d{1,2}|[a-z]{3,6})"
    r"|(?:at |@ ?)(?:(?:10|ten) (?:to|till?) (?:11|12|eleven|twelve|noon)|(?:5|five) (?:to|till?) (?:6|7|six|seven)))(?![\w:])"
)
_ONE_OF_THEM = re.compile(rf"(?i)(?:on )?(?:an?|one|some|any) {WEEKDAY}(?: (?:in|of) .{{1,20}})?")  # Pier 1
_NAMED_ONE = re.compile(rf"(?:First|Second|Third|Fourth) (?i:{WEEKDAY}(?: (?:at |@ ?)?\d.*)?)")  # "Fifth Third Friday"
_PARTED = re.compile(r"(?i)(?:(?:on|the) )*(?:[1-4](?:st|nd|rd|th)|first|second|third|fourth),\s*(?:mon|tue|wed|thu|fri|sat|sun)")


def _two_readings(text: str, phrase: str, here: Here) -> bool:
    """ "Ten to three Friday" is 2:50, or from ten on; "the 2nd, Tuesday" is no second Tuesday."""
    if (either := _EITHER.search(text)) and all(_OF_TIME.fullmatch(word) for word in phrase.split()):
        rest = _FILLERS.sub("", " ".join(normal(f"{text[: either.start()]} {text[either.end() :]}").split()))
        return isinstance(day_of(rest, here), date)
    return bool(_PARTED.match(text) or _ONE_OF_THEM.fullmatch(text) or _NAMED_ONE.fullmatch(text))


_BARE_HOUR = re.compile(rf"(?P<day>(?:.+ )?{WEEKDAY}) (?P<hour>[1-9]|1[0-2])")


def _hour_said(phrase: str, here: Here) -> str:
    """ "Friday 10" is an hour, unless that Friday is the 10th: then it may be either. "" where it is something else."""
    match = _BARE_HOUR.fullmatch(phrase)
    day = day_of(_FILLERS.sub("", match["day"]), here) if match else None
    return f"{match['day']} at {match['hour']}" if match and isinstance(day, date) and day.day != int(match["hour"]) else ""


def _soon(number: int, unit: str, now: datetime, rep: RepRules) -> When | None:
    ahead = timedelta(minutes=number) if unit.startswith("m") else timedelta(hours=number)
    if not timedelta(0) < ahead <= timedelta(hours=72):
        return None
    start = (now.astimezone(UTC) + ahead).replace(second=0, microsecond=0).astimezone(rep.workdays.zone)
    return When(start.date(), start, None, _echo(start.date(), start.time())) if start > now else None


def _when(day: date, said: time | Window | None, now: datetime, rep: RepRules) -> When | None:
    today = rep.workdays.today(now)
    if not today <= day <= today + timedelta(days=_FAR):
        return None
    match said:
        case time() as clock:
            start = rep.workdays.at(day, clock)
            return When(day, start, None, _echo(day, start.time())) if start > now else None
        case Window() as window:
            return When(day, None, window, _echo(day, window)) if rep.workdays.at(day, window.end) > now else None
        case None:
            return When(day, None, None, _echo(day, None))


def _echo(day: date, said: time | Window | None) -> str:
    match said:
        case time() as clock:
            return f"{_NAMES[day.weekday()]} {day}, {clock:%H:%M}"
        case Window(start=start, end=end):
            return f"{_NAMES[day.weekday()]} {day}, {start:%H:%M}-{end:%H:%M}"
        case None:
            return f"{_NAMES[day.weekday()]} {day}"


def _begins(word: str) -> bool:
    small = word.lower()
    bare = small.strip(".,;:()!?")
    return bool(_BEGINS.match(small)) or spelled(bare) != bare


def _longest(text: str, words: list[re.Match[str]], first: int, now: datetime, rep: RepRules) -> tuple[int, Found] | None:
    for last in range(min(len(words), first + _MOST_WORDS), first, -1):
        start, end = words[first].start(), words[last - 1].end()
        phrase = text[start:end].rstrip(",;:.!?)-–—")
        said = _tomorrow(phrase, text[:start])
        answer = _read(said.lstrip("("), now, rep) if said else None
        after = text[start + len(phrase) :]
        if answer is not None and (
            (_BARE_HOUR_ALONE.fullmatch(said) and _OF_SOME_THINGS.match(after))
            or (_WITH_ORDINAL.fullmatch(said) and _COUNTED_BY_IT.match(after))
        ):
            answer = "refused"  # "mon 9 new units": the hour, or how many? "Thu 2nd visit": that day, or how often?
        if answer is not None and not _part_of_a_name(said, text[:start], after) and not _MEAL.search(phrase):
            return last, Found(start, start + len(phrase), None if answer == "refused" else answer)
    return None


_MEAL = re.compile(  # "Thursday lunch with Bob" is a meeting; "at lunch", "by lunch" say the hour
    r"(?i)^(?!by |before |until "
    r"|till? ).*(?<!\bat )(?<!\bby )(?<!\bbefore )(?<!\bafter )(?<!\baround )(?<!\babout )(?<!\bover )(?<!\bduring )(?<!\buntil )"
    r"(?<![\w'’-])lunch$|^lunch\b"
)
_WHOM = re.compile(
    r"(?i)(?:^|[\s,;:])(?:call|phone|ring|text|e-?mail|visit|see|meet|with|w/?|for|to|and|ask for|at|back|tell|by|uncle)\s*$"
)


def _tomorrow(phrase: str, before: str) -> str:
    """ "call Dana tom 9am"; but "call tom 9am" is Tom, and so is whoever stands first. "" where a phrase begins with such a name."""
    if not re.match(r"(?i)tom\b", phrase):
        return phrase
    if phrase[:1].isupper() or not any(letter.isalpha() for letter in before) or _WHOM.search(before):
        return ""
    return f"tmrw{phrase[3:]}"


_WEAK = re.compile(
    rf"(?i)(?:{COUNT} {UNIT}|(?:(?:on|for|by|until|till?|around|about) )?(?:the )?\S+(?:st|nd|rd|th)|.*(?:about|around) \d+"
    rf"|\d{{1,2}}[/.-]\d{{1,2}}|q[1-4]|{MONTH}"
    rf"|.* (?:at |@ ?)?\d{{3,4}}|(?:.* )?{WEEKDAY} \d{{1,2}})"
)
_BARE_HOUR_ALONE = re.compile(rf"(?i)(?:(?:on|for|by|next|this) )*{WEEKDAY},? (?:[1-9]|1[0-2])")
_MEASURE = (
    r"(?:%|percent|[kx]\b|ft|foot|feet|inch|in\.|tons?|gal|gallon|lb|sq|way|bed\w*|bath\w*|door|page|car|person|people|men|women|children"
    r"|pcs?|min|minute|hour|hr|day|week|wk|month|mo|year|yr|business|working|dozen|hundred|thousand|million|star|story|point|step)"
)
_WITH_ORDINAL = re.compile(rf"(?i).*{WEEKDAY}\W.*\d(?:st|nd|rd|th)")
_COUNTED_BY_IT = re.compile(
    r"(?i)\s+(?:try|attempt|time|visit|call|round|reminder|notice|e-?mail|floor|follow[- ]?up|stop|meeting|pass|contact|text|quote|order)"
    r"(?![\w'’-])"
)
_NO_PLURAL = (
    r"(?:has|was|is|his|this|does|yes|plus|always|suits|thanks|as|us|says|wants|needs|gets|goes|comes|looks|sounds|likes)(?![\w'’-])"
)
_OF_THINGS = re.compile(  # behind a number that counts: "mon 2 units", "Tuesday 7 Eleven"
    rf"\s*[%/\"']|[\s-]+(?:(?:{_MEASURE})(?![\w'’])|(?-i:[A-Z])|(?!{_NO_PLURAL})[a-z]{{2,}}(?<!s)s(?![\w'’]))"
)
_OF_SOME_THINGS = re.compile(  # of "fri 10 new units" nobody knows
    rf"\s+(?!{_NO_PLURAL})(?!(?:to|re|about|abt|because|and|or|at|on|in|by|for|with|w/|call|phone|visit|e-?mail|meet|text|discuss|sign|negotiate|close"
    r"|review"
    r"|final|next|go|send|bring|drop|ask|he|she|they|we|i|his|her|my|our|their|the|an?|then|so|but|if|when|not|after|before|wants?|needs?"
    r"|tell|see|get|take|check|talk|confirm|finali[sz]e|pick|show|present|walk|demo|zoom)(?![\w'’-]))"
    r"(?:[a-z-]+ [a-z]{2,}(?<!s)s|(?:unit|case|pack|piece|box|pallet|seat|user|window|site|more|last))(?![\w'’])"
)
_SHY = re.compile(r"(?i)sat|sun")  # "sat with the owner"
_EDGE = re.compile(
    r"(?i)\s*(?:$|[,;:.…)?–—\x1f-]|(?:to|because|re|about|abt|call|phone|visit|e-?mail|meet|meeting|coffee|lunch|text|letter|zoom|video"
    r"|stop by)\b)"
)
_WIDE_EDGE = re.compile(  # what goes on behind a day, and is no part of a name
    r"(?i)\s*(?:@|w/|&\s|(?:ask|attn|with|w|at|and|or|but|if|for|per|by|via|on|in|he|she|they|his|her|we|i|wants?|needs?|sa(?:id|ys)|owner"
    r"|mgr|manager|then|so|when|not|pls|please|plz|after|before|from|is|was|out|left|send|bring|drop|take|try|talk|go|come|swing|pop|get"
    r"|check|follow|confirm|ring|breakfast|dinner|drinks|teams|facetime|mtg|appt|demo|see|touch|quick|phone|cb|vm|lvm|maybe|asap|ish)"
    r"(?![\w'’-]))"
)
_NAMED = re.compile(  # what makes a name of a day: "Ruby Tuesday", "Black Friday sale"
    r"(?i)(?<![\w'’-])(?:black|good|cyber|fat|super|taco|giving|tgi|t\.g\.i\.|casual|ash|palm|easter|first|bloody|(?-i:Ruby|RUBY))\s+$"
)
_TITLED = re.compile(r"(?i)(?<![\w'’-])(?:mr|mrs|ms|miss|dr|prof|pastor|rev|coach)\.?\s+$")
_PLAIN = re.compile(
    rf"(?i)(?:(?:first|second|third|fourth) )?{WEEKDAY}(?: (?:night|morning|afternoon|evening))?|noon|midday|morning|afternoon"
    rf"|evening|{MONTH} \d+"
)
_WEEKDAY = re.compile(rf"(?i){WEEKDAY}")
_AT = re.compile(r"(?i)at (?=(?-i:[A-Z]))")


def _part_of_a_name(phrase: str, before: str, after: str) -> bool:
    """In a line, "Friday Harbor Inn", "Midnight Motors", "noon cafe" and "2 weeks trial" are no dates: weak phrases must be followed by an
    edge, and the name of a day by no other word of a name."""
    if _WEEKDAY.fullmatch(phrase) and (_NAMED.search(before) or (phrase[:1].isupper() and _TITLED.search(before))):
        return True
    if phrase.startswith("Midnight") and any(letter.isalpha() for letter in before):
        return True
    if (place := _AT.match(phrase)) and _PLAIN.fullmatch(phrase, place.end()) and re.match(r"\s+[A-Z]", after):
        return True  # "at Friday Harbor Seafood": nobody calls at a Friday
    if _EDGE.match(after):
        return False
    if re.match(r"\s+(?:TBD|TBA|TBC)(?!\w)", after):
        return False
    if _SHY.fullmatch(phrase):
        return True
    if _BARE_HOUR_ALONE.fullmatch(phrase) and not _OF_THINGS.match(after):
        return False
    if _WEAK.fullmatch(re.sub(r"\ba couple(?: of)?\b", "2", normal(phrase))):
        return not (_WIDE_EDGE.match(after) or zone_behind(after, 0) or is_touched(after, 0))
    following = re.match(r"\s*([\w’']+)", after)
    if following is None or not _PLAIN.fullmatch(phrase):
        return False
    word = following[1].casefold()
    if word in BUSINESS and not (_WEEKDAY.fullmatch(phrase) and after.lstrip()[:1].isupper() and phrase.islower()):
        return True
    return phrase[:1].isupper() and after.lstrip()[:1].isupper() and not (word in GIVEN and _WEEKDAY.fullmatch(phrase))


def _by_dateparser(phrase: str, local: datetime, region: str) -> date | None:
    """What the grammar does not know, e.g. "20-Mar-2026": only a day and a month by name, and every number in it accounted for."""
    numbers = [int(number) for number in re.findall(r"\d+", phrase)]
    if len(phrase) > 40 or not 1 <= len(numbers) <= 2 or not re.search(rf"(?<![a-z]){MONTH}(?![a-z])", phrase):
        return None
    import dateparser  # type: ignore[import-untyped]  # ships no types; heavy: only where the grammar does not know the phrase

    parsed = dateparser.parse(
        phrase,
        languages=["en"],
        settings={
            "PREFER_DATES_FROM": "future",
            "RELATIVE_BASE": local.replace(tzinfo=None),
            "REQUIRE_PARTS": ["day", "month"],
            "DATE_ORDER": "MDY" if region == "US" else "DMY",
            "PARSERS": ["absolute-time"],
        },
    )
    if parsed is None or parsed.time() != time(0):
        return None
    day = parsed.date()
    before = date_of(day.year - 1, day.month, day.day)
    if len(numbers) == 1 and before and 0 < (local.date() - before).days <= SLIP:
        return None  # "20-Feb" said in March
    accounted = numbers in ([day.day], [day.day, day.year], [day.year, day.day], [day.day, day.year % 100])
    return day if accounted else None
