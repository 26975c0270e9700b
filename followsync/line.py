"""A typed line that is being cut up: whatever is understood is taken out of it, what is left over is told.

Each ``cut_…`` takes one kind of thing: the phone, the day, the method, the purpose; the order is the caller's.
"""

from __future__ import annotations

import re
from datetime import datetime

from followsync.core.cadence import Rules
from followsync.core.workdays import RepRules
from followsync.linewords import (
    ABOUT,
    ACTS,
    ADDRESS,
    AGAIN,
    ASIDES,
    BASE,
    BRINGS,
    BY_POST,
    CALLED_MARK,
    CARD,
    CLAUSE,
    COUNTED,
    DAY_ALONE,
    DAY_MARK,
    DEED,
    EMAIL,
    EMAIL_LABEL,
    EMAIL_WORD,
    FIRST,
    FOR_US,
    GIFT,
    GIVES,
    HANDS_OVER,
    HANDS_OVER_LATER,
    HAPPENED,
    LABEL,
    LABELLED,
    LASTS,
    LEAVES,
    MEAL_AT,
    NOBODY,
    NOT_COUNTED,
    ON,
    ON_PAPER,
    OR_ELSE,
    POSTED,
    SENDS,
    SENT,
    SENT_BARE,
    SENT_TO,
    SHOWN,
    SITE,
    STORY_MARK,
    THEN,
    THING_ALONE,
    THING_TO,
    TO,
    TO_ANY,
    TRIED,
    TRIED_BY_PHONE,
    WANTS_TO,
)
from followsync.names import GIVEN, is_business, is_human
from followsync.phone import find_phone
from followsync.rest import Rest, pieces_of
from followsync.verbs import DEEDS_AND_THINGS, SEPARATOR, Said, either_method, method_at_start, method_given, methods_inside
from followsync.who import who_of


class Line(Rest):
    """A line, and by which method what is to be done is done."""

    def __init__(self, text: str, now: datetime, rep: RepRules, rules: Rules) -> None:
        super().__init__(text, now, rep, rules)
        self.method = ""
        self._unsure = False  # two methods were named, or a word that may be either
        self.sent = ""  # what is sent by the method named
        self.emailed = False  # an e-mail address was typed

    def cut_email(self) -> str:
        """The first address; others are noted down."""
        emails: list[str] = []
        self.cut(EMAIL_LABEL.search(self.rest) or self._email_label())
        while email := EMAIL.search(self.rest):
            bracketed = self.rest[email.start() - 1 : email.start()] == "<" and self.rest[email.end() : email.end() + 1] == ">"
            emails.append(email[0])
            self.cut((email.start() - bracketed, email.end() + bracketed))
        self.notes += [*emails[1:], *([site] if (site := self.cut(SITE.search(self.rest))) else [])]
        self.emailed = bool(emails)
        return emails[0] if emails else ""

    def _email_label(self) -> re.Match[str] | None:
        """ "Phone 248 867 5309 email ann@example.com wants a call": what the address is, where another method is named."""
        label = EMAIL_WORD.search(self.rest)
        if label is None or method_at_start(self.rest[label.start() :], self.rules) is None:
            return None
        around = (self.rest[: label.start()], self.rest[label.end() :])
        others = [said for text in around for said in methods_inside(text, self.rules)] + [method_at_start(self.rest, self.rules)]
        return label if any(said and said.method != "email" for said in others) else None

    def cut_phone(self) -> str:
        """The first number, with what it is called: "cell 248 867 5309"; others are noted down."""
        phones: list[str] = []
        while span := find_phone(self.rest, self.rep.region):
            label = LABEL.search(self.rest, 0, span[0])
            said = self.rest[label.start() if label else span[0] : span[1]].strip()
            phones.append(said if phones else self.rest[slice(*span)].strip())
            self.cut((label.start() if label else span[0], span[1]))
        self.notes += phones[1:]
        return phones[0] if phones else ""

    def cut_behind_the_number(self) -> list[str]:
        """ "Call Ben 248-555-0202 (cell), wants pricing": what stands behind a name and its number, up to a purpose, names nobody."""
        span = find_phone(self.rest, self.rep.region)
        said = method_at_start(self.rest, self.rules)
        if span is None or said is None or not any(letter.isalpha() for letter in self.rest[said.end : span[0]]):
            return []
        begins = [match.start() for pattern in (TO, ABOUT) if (match := pattern.search(self.rest, span[1])) and not self._is_wanted(match)]
        end = min(begins, default=len(self.rest))
        told = self.rest[span[1] : end].replace(SEPARATOR, " ").strip(" ,;:–—-")
        self.rest = self.rest[: span[1]] + (SEPARATOR + self.rest[end:] if told.strip("()") else self.rest[span[1] :])
        told = told[1:-1] if re.fullmatch(r"\([^()]*\)", told) else told.lstrip(")")
        return [told.strip(" ,;:–—-")] if told.strip("() ") else []

    def _is_wanted(self, purpose: re.Match[str]) -> bool:
        return bool(WANTS_TO.search(self.rest, 0, purpose.start()))

    def cut_address(self) -> None:
        """A street and its number are no part of a name."""
        if address := self.cut(ADDRESS.search(self.rest)):
            self.notes.append(address.strip(" ,"))

    def cut_asides(self, *, agreed: bool = False) -> None:
        """What was told besides, and would be taken for a part of the name. ``agreed``: it is what was agreed, where a demo is to come."""
        self.cut(FOR_US.search(self.rest))
        self.happened = bool(HAPPENED.match(self.rest))
        while match := OR_ELSE.search(self.rest):
            self.notes.append(self.cut(match))
        for pattern in (HAPPENED, *ASIDES, *(() if agreed else (SHOWN,))):
            while match := pattern.search(self.rest):
                self.notes.append(self.cut(match).strip("() "))
                self.rest = f"{self.rest[: match.start()]}{SEPARATOR}{STORY_MARK}{self.rest[match.start() :]}"

    def cut_thing_alone(self) -> str:
        """ "Email jeff@acme.example pricing sheet": what is sent, where nobody but the address is named."""
        pieces = pieces_of(self.rest) if self.emailed and self.method in SENT else []
        if len(pieces) != 1 or not THING_ALONE.fullmatch(pieces[0]):
            return ""
        at = self.rest.index(pieces[0])
        return f"send {self.cut((at, at + len(pieces[0])))}"

    def cut_length(self) -> None:
        """ "For 45 min", "1 hr", "2nd attempt", "or leave vm": how long, how often or how else it is done names nobody, and is not what
        for."""
        while (match := LASTS.search(self.rest) or OR_ELSE.search(self.rest) or self._counted()) and self.cut(match):
            self.notes.append(match[0].strip())

    def _counted(self) -> re.Match[str] | None:
        said = method_at_start(self.rest, self.rules)
        begin = said.end if said else 0  # "call first contact" names a business
        counted = (match for match in COUNTED.finditer(self.rest) if any(letter.isalnum() for letter in self.rest[begin : match.start()]))
        return next((match for match in counted if not NOT_COUNTED.search(self.rest, 0, match.start())), None)

    def cut_place_of_a_meal(self) -> None:
        """ "Coffee with Bill Fri 8am at Starbucks on Main": where, when whom is told; and no business of his."""
        place = MEAL_AT.search(self.rest)
        eaten = place and (place[0][0] != SEPARATOR or self.method in _MEALS or any(note.lower() in _MEALS for note in self.notes))
        whom = _WITH_WHOM.match(self.rest, place.end()) if place and eaten else None
        if place and whom and is_business(place[0]):  # "coffee at Hall Supply with Jim"
            self.cut(whom.span())
        elif place and eaten and (whom or self._names_a_person(place.start())):
            self.notes.append(self.cut(place).strip(f" {SEPARATOR}{DAY_MARK}{CALLED_MARK}{STORY_MARK}"))

    def _names_a_person(self, end: int) -> bool:
        pieces = (piece.strip(f"{CALLED_MARK}{DAY_MARK}{STORY_MARK} ") for piece in self.rest[:end].split(SEPARATOR))
        return any(is_human(piece) for piece in pieces if piece)

    def cut_method_at_start(self) -> Said | None:
        if self._unsure or self.method:
            return None
        handed = HANDS_OVER.match(self.rest)  # "mail the brochure to Cleo"
        if not handed and (either := either_method(self.rest, self.rules)):
            self._unsure = True
            self.notes.append(self.cut(either))
            return None
        if given := method_given(self.rest, self.rules):
            noun, verb = given
            self._take(noun)
            self.cut((0, verb))
            return noun
        said = method_at_start(self.rest, self.rules)
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
        said = [] if self.method or self._unsure else methods_inside(self.rest, self.rules)
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
            return not self.times() and said.word.lower() not in DEEDS_AND_THINGS  # "Ring Ben", and no corner shop
        others = [one for one in methods_inside(behind, self.rules) if one.method != said.method]
        return bool(others) or not self.times()

    def cut_purpose_first(self) -> str:
        """ "To confirm the headcount, call Odalys": what for, before what is done."""
        first = FIRST.match(self.rest)
        if first is None or method_at_start(first["purpose"], self.rules) or not method_at_start(self.rest[first.end() :], self.rules):
            return ""
        self.cut(first)
        return first["purpose"]

    def cut_purpose(self) -> str:
        hands_over = (HANDS_OVER.match(self.rest) or THING_TO.match(self.rest)) if not self.method else None
        if hands_over:
            return ""  # "send the quote to Bob": that is no purpose
        match = self.to(TO) or (self.to(TO_ANY) if self.method else None) or DEED.search(self.rest)
        about = None if match else ABOUT.search(self.rest) or ON.search(self.rest)
        begin = match or about
        if begin is None:
            return ""
        end = self.rest.find(SEPARATOR, begin.end())
        end = len(self.rest) if end < 0 else end
        if not self.method:  # "about windows, call back"
            commas = (found.start() for found in re.finditer(r",\s", self.rest[begin.end() : end]))
            end = next((begin.end() + at for at in commas if method_at_start(self.rest[begin.end() + at :], self.rules)), end)
        purpose = self.rest[begin.end() : end].strip(" ,;:.–—-")
        if not purpose:
            return ""
        self.cut((begin.start(), end))
        return f"talk about {purpose}" if about else purpose

    def cut_handing_over(self) -> str:
        """ "Send the quote to Bob", "send Bob the quote": what for, where the method was not said."""
        if thing := THING_TO.match(self.rest):
            self.cut((thing.start("what"), thing.end()))
            if self.method:
                return thing["what"]
            self.method = "gift" if GIFT.search(thing["what"]) and "gift" in self.rules.methods else ""
            return f"send {thing['what']}"
        match = HANDS_OVER.match(self.rest) if not self.method or self.method in SENT else None
        match = match or (None if self.method else LEAVES.match(self.rest) or HANDS_OVER_LATER.search(self.rest))
        if match is None:
            return self.sent
        verb, what = BASE.get(match["verb"].lower(), match["verb"].lower()), match["what"] or match["that"] or match["thing"]
        if posted := POSTED.search(what):
            card = "letter" in self.rules.methods and CARD.search(what)
            self.method = self.method or ("letter" if card else "")
        elif verb in _BY_HAND and not self.method and "visit" in self.rules.methods:
            self.method = "visit"
        elif not self.method and "gift" in self.rules.methods and GIFT.search(what):
            self.method = "gift"
        elif not self.method and verb == "send" and not BY_POST.search(what) and (self.emailed or self._goes_by_email(what)):
            self.method = "email" if "email" in self.rules.methods else ""
        verb = "mail" if posted else verb
        for part in ("that", "thing"):
            if match[part]:
                self.cut(match.span(part))
        self.cut(match.span())
        return f"{verb} {what.strip()}"

    def _goes_by_email(self, what: str) -> bool:
        """A quote does, where no other way is said."""
        return bool(ON_PAPER.search(what)) and not POSTED.search(self.text)

    def take_method_of_last_try(self) -> None:
        """ "Left vm, try again Thursday": by the same way as before, where one way was tried."""
        if self.method or self._unsure or not AGAIN.search(self.text):
            return
        tried = {method for method, pattern in TRIED.items() if pattern.search(self.text)}
        if not tried and TRIED_BY_PHONE.search(self.text):
            tried = {"call"}
        if len(tried) == 1 and tried <= self.rules.methods.keys():
            self.method = tried.pop()

    def take_method_of_what_is_handed_over(self) -> None:
        """ "Send quote" is an e-mail, "send flowers" a gift, "drop off samples" a visit; "mail the brochure" may be either."""
        if self.method or self._unsure:
            return
        ways = (("gift", GIVES), ("email", SENDS), ("visit", BRINGS))
        method = next((method for method, pattern in ways if pattern.search(self.rest)), "")
        self.method = method if method in self.rules.methods else ""

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
        if DAY_ALONE.fullmatch(piece) and self.text.strip() != piece:  # "she was out Monday", where she was out is told
            self.notes.append(piece)
            return True
        bare = THEN.sub("", piece)
        said = method_at_start(bare, self.rules)
        if said is None or piece[:1].isupper() or not (said.end == len(bare) or SENT_BARE.fullmatch(bare, said.end)):
            return False
        self.notes.append(piece)
        return True


_WITH_WHOM = re.compile(r"\s+(?:w/|w|with)\s*(?=[A-Z])")
_MEALS = frozenset({"coffee", "breakfast", "lunch", "dinner", "drinks", "beer", "beers"})
_BY_HAND = frozenset({"drop off", "bring", "take", "leave", "hand deliver", "hand-deliver"})


def _says(part: str) -> bool:
    return any(letter.isalnum() for letter in part)
