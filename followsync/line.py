"""A typed line that is being cut up: whatever is understood is taken out of it, what is left over is told.

Each ``cut_…`` takes one kind of thing: the phone, the day, the method, the purpose; the order is the caller's.
"""

from __future__ import annotations

import re
from datetime import datetime

from followsync.core.cadence import Rules
from followsync.core.workdays import RepRules
from followsync.errors import UsageError
from followsync.linewords import (
    ABOUT,
    ABSENT,
    ACTS,
    ADDRESS,
    AGAIN,
    ASIDES,
    BASE,
    BEFORE_THEN,
    BRINGS,
    CALLED_MARK,
    CARD,
    CHOICE,
    CLAUSE,
    DAY_ALONE,
    DAY_MARK,
    ELSEWHERE,
    EMAIL,
    EMAIL_LABEL,
    EMAIL_WORD,
    EXCLUDED,
    EXCLUDES,
    FIXED_ELSEWHERE,
    FOR_US,
    FROM_WHEN,
    GIFT,
    GIVES,
    HANDS_OVER,
    HANDS_OVER_LATER,
    HAPPENED,
    HAPPENS,
    IF,
    LABEL,
    LABELLED,
    LOOSE,
    MOVED,
    NEW_CLAUSE,
    NOBODY,
    NOT,
    NOT_THEN,
    OR_ELSE,
    PAST,
    PIECES,
    POSTED,
    SENDS,
    SENT,
    SENT_BARE,
    SENT_TO,
    SITE,
    SPAN,
    STOP,
    STORY,
    STORY_MARK,
    THEN,
    THEN_IS_WHEN,
    THING_TO,
    TO,
    TO_ANY,
    TRIED,
    TRIED_BY_PHONE,
    UNTIL,
    WANTS_TO,
    WAS,
    ZONE,
)
from followsync.names import GIVEN
from followsync.phone import find_phone
from followsync.typed import readable
from followsync.verbs import SEPARATOR, Said, either_method, method_at_start, method_given, methods_inside
from followsync.when import Found, When, find_when, parse_when
from followsync.who import TELLS, who_of


class Line:
    """A line that is being cut up: ``rest`` is what is not understood yet, with a separator where something was taken."""

    def __init__(self, text: str, now: datetime, rep: RepRules, rules: Rules) -> None:
        if not any(letter.isalnum() for letter in text):
            raise UsageError('There is nothing to read in this line. Type a name, for example: "Joe\'s Diner".')
        self.rest = self._text = readable(text)
        self.notes: list[str] = []
        self.method = ""
        self._unsure = False  # two methods were named, or a word that may be either
        self._happened = False  # the line begins with something that was done
        self.sent = ""  # what is sent by the method named
        self._searched: tuple[str, tuple[Found, ...]] | None = None
        self._now, self._rep, self._rules = now, rep, rules

    def cut(self, match: re.Match[str] | tuple[int, int] | None, group: int = 0) -> str:
        """Take the stretch out; its text, or that of one group."""
        if match is None:
            return ""
        start, end = match.span() if isinstance(match, re.Match) else match
        taken = (match[group] or match[0]) if isinstance(match, re.Match) else self.rest[start:end]
        self.rest = f"{self.rest[:start]}{SEPARATOR if taken else ''}{self.rest[end:]}"
        return taken.strip()

    def _times(self) -> tuple[Found, ...]:
        """What is said of time in what is left; searched once for each state of it."""
        if self._searched is None or self._searched[0] != self.rest:
            self._searched = self.rest, find_when(self.rest, now=self._now, rep=self._rep)
        return self._searched[1]

    def cut_email(self) -> str:
        """The first address; others are noted down."""
        emails: list[str] = []
        self.cut(EMAIL_LABEL.search(self.rest) or self._email_label())
        while email := EMAIL.search(self.rest):
            bracketed = self.rest[email.start() - 1 : email.start()] == "<" and self.rest[email.end() : email.end() + 1] == ">"
            emails.append(email[0])
            self.cut((email.start() - bracketed, email.end() + bracketed))
        self.notes += [*emails[1:], *([site] if (site := self.cut(SITE.search(self.rest))) else [])]
        return emails[0] if emails else ""

    def _email_label(self) -> re.Match[str] | None:
        """ "Phone 248 867 5309 email ann@example.com wants a call": what the address is, where another method is named."""
        label = EMAIL_WORD.search(self.rest)
        if label is None or method_at_start(self.rest[label.start() :], self._rules) is None:
            return None
        around = (self.rest[: label.start()], self.rest[label.end() :])
        others = [said for text in around for said in methods_inside(text, self._rules)] + [method_at_start(self.rest, self._rules)]
        return label if any(said and said.method != "email" for said in others) else None

    def cut_phone(self) -> str:
        """The first number, with what it is called: "cell 248 867 5309"; others are noted down."""
        phones: list[str] = []
        while span := find_phone(self.rest, self._rep.region):
            label = LABEL.search(self.rest, 0, span[0])
            said = self.rest[label.start() if label else span[0] : span[1]].strip()
            phones.append(said if phones else self.rest[slice(*span)].strip())
            self.cut((label.start() if label else span[0], span[1]))
        self.notes += phones[1:]
        return phones[0] if phones else ""

    def cut_address(self) -> None:
        """A street and its number are no part of a name."""
        if address := self.cut(ADDRESS.search(self.rest)):
            self.notes.append(address.strip(" ,"))

    def cut_asides(self) -> None:
        """What was told besides, and would be taken for a part of the name."""
        self.cut(FOR_US.search(self.rest))
        self._happened = bool(HAPPENED.match(self.rest))
        for pattern in (HAPPENED, *ASIDES):
            while match := pattern.search(self.rest):
                self.notes.append(self.cut(match).strip("() "))
                self.rest = f"{self.rest[: match.start()]}{SEPARATOR}{STORY_MARK}{self.rest[match.start() :]}"

    def cut_method_at_start(self) -> Said | None:
        if self._unsure or self.method:
            return None
        handed = HANDS_OVER.match(self.rest)  # "mail the brochure to Cleo"
        if not handed and (either := either_method(self.rest, self._rules)):
            self._unsure = True
            self.notes.append(self.cut(either))
            return None
        if given := method_given(self.rest, self._rules):
            noun, verb = given
            self._take(noun)
            self.cut((0, verb))
            return noun
        said = method_at_start(self.rest, self._rules)
        if said is None or (said.noun and self._begins_a_name(said)):
            return None
        taken = self._take(said)
        if said.method in SENT and (sent := SENT_TO.match(self.rest)):
            self.sent = f"send {sent['what']}"
            self.cut((sent.start("what"), sent.end()))
            return taken
        # "Letter to Cleo", "email to jenny": no purpose, unless it is something to do.
        behind = re.match(rf"\s*{SEPARATOR}\s*(to\s+)(?=\w)", self.rest)
        if behind and not said.word.lower().endswith(" to") and not ACTS.match(self.rest[behind.end() :]):
            self.rest = self.rest[: behind.start(1)] + self.rest[behind.end() :]
        return taken

    def cut_method_inside(self) -> None:
        """The one method that is named; of several the one said in a breath with the day, else none."""
        said = [] if self.method or self._unsure else methods_inside(self.rest, self._rules)
        if len({one.method for one in said}) > 1:
            said = [one for one in said if self._beside_the_day(one)]
        if len({one.method for one in said}) == 1:
            end = said[0].end
            self._take(said[0])
            if said[0].method in SENT and (sent := SENT_BARE.match(self.rest, min(end, self.rest.find(SEPARATOR, said[0].start)))):
                self.sent = f"send {sent['what']}"
                self.cut(sent.span("what"))

    def _beside_the_day(self, said: Said) -> bool:
        begin = max((match.end() for match in CLAUSE.finditer(self.rest, 0, said.start)), default=0)
        end = match.start() if (match := CLAUSE.search(self.rest, said.end)) else len(self.rest)
        return DAY_MARK in self.rest[begin:end]

    def _take(self, said: Said) -> Said:
        self.method = said.method
        if said.colour:
            self.notes.append(said.colour)
        self.cut((said.start, said.end))
        self.rest = f"{self.rest[: said.start]}{SEPARATOR}{CALLED_MARK}{self.rest[said.start :]}"
        return said

    def _begins_a_name(self, said: Said) -> bool:
        """ "Coffee Corner" is a place; "Coffee Jenny Friday 3pm" and "coffee Jenny" are meetings."""
        behind = self.rest[said.end :].lstrip()
        if not (said.word[0].isupper() and behind[:1].isupper()):
            return False
        if re.split(r"\W", behind.casefold(), maxsplit=1)[0] in GIVEN:
            return not self._times()
        others = [one for one in methods_inside(behind, self._rules) if one.method != said.method]
        return bool(others) or not self._times()

    def cut_when(self) -> When | None:
        """The day before the purpose, else one at its very end, unless it may be the day of something else ("confirm the demo Friday")."""
        if meant := self._cut_day_meant_by_then():
            return meant
        self._cut_days_that_cannot_be()
        self._cut_days_that_were()
        found = self._days_to_come()
        if any(self._is_of_another(stretch) for stretch in found) and len(found) == 1:
            return self._cut_stretches(list(found), certain=False)
        if any(NOT.search(self.rest, 0, stretch.start) or IF.search(self._clause(stretch)[0]) for stretch in found):
            return self._cut_stretches(list(found), certain=False)  # "next week, not Tuesday"
        hours = [stretch for stretch in found if stretch.when and stretch.when.start]
        if any((zone := ZONE.match(self.rest, stretch.end)) and not self._our_zone(zone[1]) for stretch in hours):
            return self._cut_stretches(list(found), certain=False)
        if any(OR_ELSE.match(self.rest, stretch.end) for stretch in found):
            return self._cut_stretches(list(found), certain=False)
        purpose = self._to(TO)
        head = [stretch for stretch in found if purpose is None or stretch.start < purpose.start()]
        if head:
            return self._cut_stretches(head)
        if purpose and len(found) == 1 and found[0].when:
            before, after = self.rest[purpose.end() : found[0].start], self.rest[found[0].end :]
            if not FIXED_ELSEWHERE.search(before) and not any(letter.isalnum() for letter in after):
                return self._cut_stretches(list(found))
        return None

    def _cut_days_that_cannot_be(self) -> None:
        """ "Can't do Thursday, try Friday", "Friday not Thursday": where one other day is left, it is the one that is meant."""
        self.notes += [self.cut(moved)] if (moved := MOVED.search(self.rest)) else []
        found = self._times()
        spans = [span for stretch in found if (span := self._excluded(stretch))]
        left = [stretch for stretch in found if not self._excluded(stretch)]
        if spans and len(left) == 1 and left[0].when and not SPAN.search(self.rest, left[0].start, left[0].end):
            for span in reversed(spans):
                self.notes.append(self.cut(span))

    def _cut_day_meant_by_then(self) -> When | None:
        """ "Contract ends 5/31, call then", "decides on the 23rd, call him that afternoon": the one day that was named before."""
        then = THEN_IS_WHEN.search(self.rest)
        if then is None or NOT_THEN.search(self.rest, 0, then.start("when")):
            return None
        before = [stretch for stretch in self._times() if stretch.start < then.start("when")]
        kept = [(stretch, self.rest[stretch.start : stretch.end]) for stretch in before if stretch.when and not self._was(stretch)]
        noted = [note[stretch.start : stretch.end] for note in self.notes for stretch in find_when(note, now=self._now, rep=self._rep)]
        said = [phrase for _, phrase in kept] or noted
        if len(said) != 1 or IF.search(self.rest, 0, then.start()):
            return None
        day = FROM_WHEN.sub("", said[0])
        part, beside = then["part"], then["beside"]
        if beside:  # "the week before" is one week before
            beside = re.sub(r"(?i)^(?:the )?(?=(?:day|week|month)s? )", "1 ", beside).lower().replace("prior", "before")
        phrase = f"{day} {part}" if part else f"{beside} {day}" if beside else day
        when = parse_when(phrase, now=self._now, rep=self._rep)
        if beside and SPAN.search(day):  # a week after a week: from which day?
            self._cut_stretches([stretch for stretch, _ in kept], certain=False)
            return None
        if when is None:
            return None
        self.notes.append(self.cut(then.span("when")))
        self.rest = f"{self.rest[: then.start('when')]}{SEPARATOR}{DAY_MARK}{self.rest[then.start('when') :]}"
        for stretch, _ in kept:
            self.notes.append(self.cut((stretch.start, stretch.end)))
        return when

    def _cut_days_that_were(self) -> None:
        """ "Met 12/15 with Ann", "saw him last Tuesday": a day of something done, which is never one to come."""
        while was := next((stretch for stretch in reversed(self._times()) if self._was(stretch)), None):
            self.notes.append(self.cut((was.start, was.end)))

    def _was(self, stretch: Found) -> bool:
        before = self.rest[: stretch.start]
        if PAST.match(self.rest, stretch.start, stretch.end):
            return True
        begin = max((match.end() for match in NEW_CLAUSE.finditer(before)), default=0)
        begin += len(before[begin:]) - len(before[begin:].lstrip())
        small = before[:begin] + before[begin : begin + 1].lower() + before[begin + 1 :]  # a sentence begins with a capital
        was = max(
            (match.end() for match in WAS.finditer(small, begin)), default=begin if self._happened and not NEW_CLAUSE.search(before) else -1
        )
        if was < 0 or UNTIL.match(self.rest, stretch.start):
            return False
        between = before[was:]
        return not method_at_start(between, self._rules) and not methods_inside(between + SEPARATOR, self._rules)

    def _is_of_another(self, stretch: Found) -> bool:
        """ "Wants an estimate next week, call to schedule": the day of what they want or do, and the one of ours was not said."""
        if BEFORE_THEN.search(self.rest, stretch.end):
            return True
        before, _ = self._clause(stretch)
        if not stretch.when or self._is_planned(stretch) or not ELSEWHERE.search(before):
            return False
        end = match.end() if (match := CLAUSE.search(self.rest, stretch.end)) else len(self.rest)
        return bool(method_at_start(self.rest[end:], self._rules) or methods_inside(self.rest[end:], self._rules))

    def _excluded(self, stretch: Found) -> tuple[int, int] | None:
        """From where to where a day is named as one that cannot be."""
        before = EXCLUDES.search(self.rest, 0, stretch.start)
        behind = EXCLUDED.match(self.rest, stretch.end)
        if before is None and behind is None:
            return None
        return before.start() if before else stretch.start, behind.end() if behind else stretch.end

    def _days_to_come(self) -> tuple[Found, ...]:
        """What is said of time, but for the days that only tell a story where another day is named: "closed today", "out till Monday"."""
        found = self._times()
        told = [stretch for stretch in found if self._tells(stretch)]
        kept = tuple(stretch for stretch in found if stretch not in told)
        ours = tuple(stretch for stretch in kept if self._is_planned(stretch))
        if any(stretch.when for stretch in ours) and all(self._is_story(stretch) for stretch in kept if stretch not in ours):
            return ours
        return kept or found

    def _clause(self, stretch: Found) -> tuple[str, str]:
        """What stands before and behind it in its clause."""
        begin = max((match.end() for match in CLAUSE.finditer(self.rest, 0, stretch.start)), default=0)
        end = match.start() if (match := CLAUSE.search(self.rest, stretch.end)) else len(self.rest)
        return self.rest[begin : stretch.start], self.rest[stretch.end : end]

    def _is_planned(self, stretch: Found) -> bool:
        before, behind = self._clause(stretch)
        beside = SEPARATOR in before and STORY_MARK not in before
        return bool(beside or method_at_start(before, self._rules) or methods_inside(before + SEPARATOR, self._rules)) or bool(
            methods_inside(behind, self._rules)
        )

    def _is_story(self, stretch: Found) -> bool:
        """Its clause tells something, and gives no other choice."""
        before, _ = self._clause(stretch)
        return bool(TELLS.search(before) or HAPPENS.search(before) or STORY_MARK in before) and not (
            CHOICE.match(before) or NOT.search(before)
        )

    def _tells(self, stretch: Found) -> bool:
        before, said = self._clause(stretch)[0], self.rest[stretch.start : stretch.end]
        until = re.match(r"(?i)(?:till?|until|'til|thru|through)\b", said) or re.search(
            r"(?i)\b(?:till?|until|'til|thru|through)\s*$", before
        )
        if until:
            return bool(ABSENT.search(before))
        if PAST.match(said):
            return True
        now = re.match(r"(?i)(?:earlier )?(?:today|this (?:morning|afternoon))", said)
        return bool(now and (STORY.search(before) or STORY_MARK in before))

    def _our_zone(self, letter: str | None) -> bool:
        """Whether "2pm ET" is said in the rep's own time."""
        name = self._now.astimezone(self._rep.workdays.zone).tzname() or ""
        return bool(letter) and len(name) == 3 and name[0] == (letter or "").upper() and name[-1] == "T"

    def cut_days_beside_the_name(self) -> None:
        """Days and hours before the purpose, where they are none: they are noted down. So is what stands behind it and a number, where it
        says a day: no name is made of that."""
        purpose = TO.search(self.rest) or ABOUT.search(self.rest)
        found = self._times()
        end = self.rest.find(SEPARATOR, purpose.end()) if purpose else -1
        behind = [one for one in found if 0 <= end < one.start]
        if purpose and behind and pieces_of(self.rest[: purpose.start()]):
            self.notes.append(self.cut((end + 1, len(self.rest))).strip(f" ,;:–—-{SEPARATOR}").replace(SEPARATOR, " "))
            behind = []
        before = [one for one in found if purpose is None or one.start < purpose.start()]
        for stretch in reversed([*before, *behind]):
            self.notes.append(self.cut((stretch.start, stretch.end)))

    def _cut_stretches(self, stretches: list[Found], *, certain: bool = True) -> When | None:
        said = [self.rest[stretch.start : stretch.end] for stretch in stretches]
        when = None
        if certain:
            when = stretches[0].when if len(stretches) == 1 else parse_when(" ".join(said), now=self._now, rep=self._rep)
        phrases: list[str] = []
        for stretch in reversed(stretches):
            zone = ZONE.match(self.rest, stretch.end) if stretch.when and stretch.when.start else None
            phrases.insert(0, self.cut((stretch.start, zone.end() if zone else stretch.end)))
            self.rest = f"{self.rest[: stretch.start]}{SEPARATOR}{DAY_MARK}{self.rest[stretch.start :]}"
        if when is None:
            self.notes += phrases
        return when

    def cut_purpose(self) -> str:
        hands_over = (HANDS_OVER.match(self.rest) or THING_TO.match(self.rest)) if not self.method else None
        if hands_over:
            return ""  # "send the quote to Bob": that is no purpose
        match = self._to(TO) or (self._to(TO_ANY) if self.method else None)
        about = None if match else ABOUT.search(self.rest)
        begin = match or about
        if begin is None:
            return ""
        end = self.rest.find(SEPARATOR, begin.end())
        end = len(self.rest) if end < 0 else end
        if not self.method:  # "about windows, call back"
            commas = (found.start() for found in re.finditer(r",\s", self.rest[begin.end() : end]))
            end = next((begin.end() + at for at in commas if method_at_start(self.rest[begin.end() + at :], self._rules)), end)
        purpose = self.rest[begin.end() : end].strip(" ,;:.–—-")
        if not purpose:
            return ""
        self.cut((begin.start(), end))
        return f"talk about {purpose}" if about else purpose

    def _to(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Where a purpose begins: "to send the quote", but not "wants to see samples"."""
        days = {stretch.start for stretch in self._times()}  # "moved to Friday"
        begins = (match for match in pattern.finditer(self.rest) if match.end() not in days)
        return next((match for match in begins if not WANTS_TO.search(self.rest, 0, match.start())), None)

    def cut_handing_over(self) -> str:
        """ "Send the quote to Bob", "send Bob the quote": what for, where the method was not said."""
        if thing := THING_TO.match(self.rest):
            self.cut((thing.start("what"), thing.end()))
            if self.method:
                return thing["what"]
            self.method = "gift" if GIFT.search(thing["what"]) and "gift" in self._rules.methods else ""
            return f"send {thing['what']}"
        match = HANDS_OVER.match(self.rest) if not self.method or self.method in SENT else None
        match = match or (None if self.method else HANDS_OVER_LATER.search(self.rest))
        if match is None:
            return self.sent
        verb, what = BASE.get(match["verb"].lower(), match["verb"].lower()), match["what"] or match["that"] or match["thing"]
        if posted := POSTED.search(what):
            card = "letter" in self._rules.methods and CARD.search(what)
            self.method = self.method or ("letter" if card else "")
        elif verb in {"drop off", "bring", "take"} and not self.method and "visit" in self._rules.methods:
            self.method = "visit"
        elif not self.method and "gift" in self._rules.methods and GIFT.search(what):
            self.method = "gift"
        verb = "mail" if posted else verb
        for part in ("that", "thing"):
            if match[part]:
                self.cut(match.span(part))
        self.cut(match.span())
        return f"{verb} {what.strip()}"

    def take_method_of_last_try(self) -> None:
        """ "Left vm, try again Thursday": by the same way as before, where one way was tried."""
        if self.method or self._unsure or not AGAIN.search(self._text):
            return
        tried = {method for method, pattern in TRIED.items() if pattern.search(self._text)}
        if not tried and TRIED_BY_PHONE.search(self._text):
            tried = {"call"}
        if len(tried) == 1 and tried <= self._rules.methods.keys():
            self.method = tried.pop()

    def take_method_of_what_is_handed_over(self) -> None:
        """ "Send quote" is an e-mail, "send flowers" a gift, "drop off samples" a visit; "mail the brochure" may be either."""
        if self.method or self._unsure:
            return
        ways = (("gift", GIVES), ("email", SENDS), ("visit", BRINGS))
        method = next((method for method, pattern in ways if pattern.search(self.rest)), "")
        self.method = method if method in self._rules.methods else ""

    def cut_who(self) -> tuple[str, str]:
        """Name and person of what is left; the rest of it goes to the notes."""
        parts = LABELLED.sub(r"\1 ", self.rest).split(SEPARATOR)
        marked = next((at for at, part in enumerate(parts) if part.startswith(CALLED_MARK)), None)
        called = None if marked is None else next((at for at in range(marked, len(parts)) if _says(parts[at])), None)
        groups = [pieces_of(part.strip(CALLED_MARK)) for part in parts]
        who = who_of([[piece for piece in pieces if not self._names_nobody(piece)] for pieces in groups], called)
        self.notes += who.notes
        return who.name, who.person

    def _names_nobody(self, piece: str) -> bool:
        """A word for somebody named elsewhere; a method, or a second one."""
        if piece.casefold() in NOBODY:
            return True
        if DAY_ALONE.fullmatch(piece) and self._text.strip() != piece:  # "she was out Monday", where she was out is told
            self.notes.append(piece)
            return True
        bare = THEN.sub("", piece)
        said = method_at_start(bare, self._rules)
        if said is None or piece[:1].isupper() or not (said.end == len(bare) or SENT_BARE.fullmatch(bare, said.end)):
            return False
        self.notes.append(piece)
        return True


def _says(part: str) -> bool:
    return any(letter.isalnum() for letter in part)


def pieces_of(rest: str) -> list[str]:
    """What is left of a line, where it falls apart."""
    pieces = (LOOSE.sub("", piece.strip(" ,;:–—-\t")).strip(" ,;:–—-") for piece in PIECES.split(rest))
    pieces = (STOP.sub("", piece) for piece in pieces)
    return [piece for piece in pieces if any(letter.isalnum() for letter in piece)]
