"""A typed line that is being cut up: whatever is understood is taken out of it, what is left over is told.

Each ``cut_…`` takes one kind of thing: the phone, the day, the method, the purpose; the order is the caller's.
"""

from __future__ import annotations

import re
from datetime import datetime

from followsync.core.cadence import Rules
from followsync.core.workdays import RepRules
from followsync.errors import UsageError
from followsync.phone import find_phone
from followsync.verbs import SEPARATOR, Said, either_method, method_at_start, method_given, method_inside
from followsync.when import Found, When, find_when, parse_when


class Line:
    """A line that is being cut up: ``rest`` is what is not understood yet, with a separator where something was taken."""

    def __init__(self, text: str, now: datetime, rep: RepRules, rules: Rules) -> None:
        if not any(letter.isalnum() for letter in text):
            raise UsageError('There is nothing to read in this line. Type a name, for example: "Joe\'s Diner".')
        self.rest = "".join(letter if letter.isprintable() else " " for letter in text)
        self.notes: list[str] = []
        self.method = ""
        self._unsure = False  # two methods were named, or a word that may be either
        self.sent = ""  # what is sent by the method named
        self._now, self._rep, self._rules = now, rep, rules

    def cut(self, match: re.Match[str] | tuple[int, int] | None, group: int = 0) -> str:
        """Take the stretch out; its text, or that of one group."""
        if match is None:
            return ""
        start, end = match.span() if isinstance(match, re.Match) else match
        taken = (match[group] or match[0]) if isinstance(match, re.Match) else self.rest[start:end]
        self.rest = f"{self.rest[:start]}{SEPARATOR if taken else ''}{self.rest[end:]}"
        return taken.strip()

    def cut_email(self) -> str:
        email = _EMAIL.search(self.rest)
        if email is None:
            return ""
        bracketed = self.rest[email.start() - 1 : email.start()] == "<" and self.rest[email.end() : email.end() + 1] == ">"
        self.cut((email.start() - bracketed, email.end() + bracketed))
        return email[0]

    def cut_phone(self) -> str:
        """The number, with what it is called: "cell 248 867 5309"."""
        span = find_phone(self.rest, self._rep.region)
        if span is None:
            return ""
        label = _LABEL.search(self.rest, 0, span[0])
        phone = self.rest[slice(*span)].strip()
        self.cut((label.start() if label else span[0], span[1]))
        return phone

    def cut_asides(self) -> None:
        """What was told besides, and would be taken for a part of the name."""
        for pattern in _ASIDES:
            if aside := self.cut(pattern.search(self.rest)):
                self.notes.append(aside.strip("() "))

    def cut_method_at_start(self) -> Said | None:
        if self._unsure or self.method:
            return None
        handed = _HANDS_OVER.match(self.rest)  # "mail the brochure to Cleo"
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
        if said.method in _SENT and (sent := _SENT_TO.match(self.rest)):
            self.sent = f"send {sent['what']}"
            self.cut((sent.start("what"), sent.end()))
            return taken
        # "Letter to Cleo", "email to jenny": no purpose, unless it is something to do.
        behind = re.match(rf"\s*{SEPARATOR}\s*(to\s+)(?=\w)", self.rest)
        if behind and not said.word.lower().endswith(" to") and not _ACTS.match(self.rest[behind.end() :]):
            self.rest = self.rest[: behind.start(1)] + self.rest[behind.end() :]
        return taken

    def cut_method_inside(self) -> None:
        said = None if self.method or self._unsure else method_inside(self.rest, self._rules)
        if said:
            self._take(said)

    def _take(self, said: Said) -> Said:
        self.method = said.method
        if said.colour:
            self.notes.append(said.colour)
        self.cut((said.start, said.end))
        return said

    def _begins_a_name(self, said: Said) -> bool:
        """ "Coffee Corner" is a place; "Coffee Jenny Friday 3pm" and "coffee Jenny" are meetings."""
        behind = self.rest[said.end :].lstrip()
        return said.word[0].isupper() and behind[:1].isupper() and not find_when(self.rest, now=self._now, rep=self._rep)

    def cut_when(self) -> When | None:
        """The day before the purpose, else one at its very end, unless it may be the day of something else ("confirm the demo Friday")."""
        found = find_when(self.rest, now=self._now, rep=self._rep)
        if any(_NOT.search(self.rest, 0, stretch.start) for stretch in found):  # "next week, not Tuesday"
            return self._cut_stretches(list(found), certain=False)
        hours = [stretch for stretch in found if stretch.when and stretch.when.start]
        if any((zone := _ZONE.match(self.rest, stretch.end)) and not self._our_zone(zone[1]) for stretch in hours):
            return self._cut_stretches(list(found), certain=False)
        purpose = _TO.search(self.rest)
        head = [stretch for stretch in found if purpose is None or stretch.start < purpose.start()]
        if head:
            return self._cut_stretches(head)
        if purpose and len(found) == 1 and found[0].when:
            before, after = self.rest[purpose.end() : found[0].start], self.rest[found[0].end :]
            if not _FIXED_ELSEWHERE.search(before) and not any(letter.isalnum() for letter in after):
                return self._cut_stretches(list(found))
        return None

    def _our_zone(self, letter: str | None) -> bool:
        """Whether "2pm ET" is said in the rep's own time."""
        name = self._now.astimezone(self._rep.workdays.zone).tzname() or ""
        return bool(letter) and len(name) == 3 and name[0] == (letter or "").upper() and name[-1] == "T"

    def cut_days_beside_the_name(self) -> None:
        """Days and hours before the purpose, where they are none: they are noted down."""
        purpose = _TO.search(self.rest)
        found = find_when(self.rest, now=self._now, rep=self._rep)
        for stretch in reversed([one for one in found if purpose is None or one.start < purpose.start()]):
            self.notes.append(self.cut((stretch.start, stretch.end)))

    def _cut_stretches(self, stretches: list[Found], *, certain: bool = True) -> When | None:
        said = [self.rest[stretch.start : stretch.end] for stretch in stretches]
        when = None
        if certain:
            when = stretches[0].when if len(stretches) == 1 else parse_when(" ".join(said), now=self._now, rep=self._rep)
        phrases: list[str] = []
        for stretch in reversed(stretches):
            zone = _ZONE.match(self.rest, stretch.end) if stretch.when and stretch.when.start else None
            phrases.insert(0, self.cut((stretch.start, zone.end() if zone else stretch.end)))
        if when is None:
            self.notes += phrases
        return when

    def cut_purpose(self) -> str:
        hands_over = _HANDS_OVER.match(self.rest) if not self.method else None
        if hands_over:
            return ""  # "send the quote to Bob": that is no purpose
        match = _TO.search(self.rest) or (_TO_ANY.search(self.rest) if self.method else None)
        about = None if match else _ABOUT.search(self.rest)
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

    def cut_handing_over(self) -> str:
        """ "Send the quote to Bob", "send Bob the quote": what for, where the method was not said."""
        match = None if self.method else _HANDS_OVER.match(self.rest)
        if match is None:
            return self.sent
        verb, what = match["verb"].lower(), match["what"] or match["that"]
        if match["that"]:
            self.cut(match.span("that"))
        self.cut(match.span())
        return f"{verb} {what.strip()}"

    def cut_who(self) -> tuple[str, str]:
        """Name and person of what is left; the rest of it goes to the notes."""
        pieces = pieces_of(self.rest)
        if not pieces:
            return "", ""
        name, person = pieces.pop(0), ""
        if pieces and (match := re.match(r"(?:at|from|@)\s+(?=\S)", pieces[0])):
            person, name = name, pieces.pop(0)[match.end() :]
        elif match := _AT.fullmatch(name):
            person, name = match["person"], match["name"]
        if person and (len(person.split()) > 4 or _NO_PERSON.search(person)):
            person, pieces = "", [person, *pieces]
        if match := _OWNER.fullmatch(name):
            name = match["person"]  # "call 248.867.5309, ask for Jenny"
        if not person and (match := _OWNER.search(name)) and name[: match.start()].strip():
            person, rest = match["person"], name[match.end() :].strip(" ,")
            name = name[: match.start()].strip(" ,-–—")
            pieces = [rest, *pieces] if rest else pieces
        if not person and (match := _OWNER.search(" ; ".join(pieces))):
            person = match["person"]
        name, person = self._name(name), self._name(person)
        self.notes += pieces
        return name, person

    def _name(self, text: str) -> str:
        """Without what stands behind a name and belongs to the method: "Jenny back", "Jenny wants"."""
        text = re.sub(r"^(?:at|from)\s+(?=\S)", "", text)
        while match := _BEHIND_A_NAME.search(text):
            text = text[: match.start()]
            if match["note"]:
                self.notes.append(match["note"])
        return text


def pieces_of(rest: str) -> list[str]:
    """What is left of a line, where it falls apart."""
    pieces = (_LOOSE.sub("", piece.strip(" ,;:–—-\t")).strip(" ,;:–—-") for piece in _PIECES.split(rest))
    pieces = (_STOP.sub("", piece) for piece in pieces)
    return [piece for piece in pieces if any(letter.isalnum() for letter in piece)]


# -- the words -------------------------------------------------------------------------------------------------------------------------

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?![\w-])")
_ASIDES = (
    # why nobody was met: "owner not here"
    re.compile(
        r"(?i)(?<![\w'’-])(?:the )?(?:owner|manager|mgr|boss|gm|buyer|decision[- ]maker|he|she|nobody|no ?one)(?:['’]s| is| was| are)? "
        r"(?:not? (?:here|in|there|available|around|home)|(?:isn|wasn)['’]?t (?:here|in|there)|(?:out|gone|off)(?: today)?|away|busy"
        r"|on vacation|at lunch|in a meeting)(?![\w'’-])"
    ),
    # a day that is the contract's: "contract ends 5/31"; but "contract is up in two months" is when to come back
    re.compile(
        r"(?i)(?<![\w'’-])(?:(?:their|the|his|her) )?contract(?:['’]s| is)? "
        r"(?:(?:ends|ending|expires|expiring|runs out)(?: (?!call|visit|e-?mail|text)[^\s,;]+){0,3}|up|over)(?![\w'’-])"
    ),
    re.compile(rf"(?i)^[\s{SEPARATOR}]*(?:i )?(?:just )?(?:met|saw|spoke|talked|chatted)(?: with| to)?(?=\s)"),
    re.compile(
        rf"(?i)^[\s{SEPARATOR}]*(?:(?:new|web|inbound|hot|warm|cold) )?(?:lead|prospect|inbound|referral)"
        r"(?: from [^:,]+(?=[:,]))?(?:!|(?=[\s:,-]))"
    ),
    re.compile(r"(?i)(?<![\w'’-])(?:left (?:a )?(?:message|msg|voicemail|voice mail|vm)(?: for| with)?|no answer|try again)(?![\w'’-])"),
    re.compile(rf"(?i)^[\s{SEPARATOR}]*(?:demo|presentation|appointment|appt)(?: with| for| at)?(?=\s)(?=\s+\S+[^,]*\d)"),
    re.compile(r"(?<=\w)\s+\([^()]*\)"),
    re.compile(r"(?<![\w'’-])so (?:i|I|we)(?: will|['’]ll)?(?=\s)"),
)
_SENT = frozenset({"email", "letter", "gift", "text"})
_THING = (
    r"(?:quotes?|proposal|brochures?|price list|pricing|prices|contract|invoice|info|samples?|catalog|basket|flowers|card|flyer|offer"
    r"|estimate|link)"
)
_SENT_TO = re.compile(
    rf"\s*{SEPARATOR}\s*(?P<what>(?:(?:the|an?|our|some) )?(?:[a-z][\w'’-]* ){{0,2}}?"
    rf"(?:{_THING}(?=\s+to\s)|[a-z][\w'’-]*(?=\s+to\s+[A-Z])))\s+to\s+(?=\w)"
)
_ZONE = re.compile(r"(?i)\s*([ECMP])[SD]?T\b|\s*(?:gmt|utc|bst|cet|cest|[ech]st)\b")
_NOT = re.compile(r"(?i)(?<![\w'’-])(?:not|never|except|but not)(?: on| in| before| after| until)?\s*$")
_HANDS_OVER = re.compile(
    rf"(?i)^[\s{SEPARATOR}]*(?P<verb>send|mail|bring|deliver|take|drop off|get|give)\s+"
    rf"(?:(?P<what>[^{SEPARATOR},;]+?)\s+(?:to|at|by)\s+(?=\S)"
    rf"|(?=(?-i:[A-Z])\S*(?: (?-i:[A-Z])\S*){{0,2}} (?P<that>(?:the|an?|our|some) [^{SEPARATOR},;]+)))"
)
_TO = re.compile(rf"(?:^|(?<=[\s{SEPARATOR},]))to\s+(?=[a-z])")
_TO_ANY = re.compile(rf"(?<=[\s{SEPARATOR},])to\s+(?=\w)")
_ABOUT = re.compile(rf"(?:^|(?<=[\s{SEPARATOR},]))(?:about|regarding|re:?)\s+(?=\w)")
_FIXED_ELSEWHERE = re.compile(
    r"(?i)\b(?:meeting|appointment|demo|event|deadline|due|delivery|install\w*|training|lunch|visit|presentation|confirm|schedule|set|book"
    r"|remind|invite|before|by|until|for|from|since)\b"
)
_ACTS = re.compile(  # what a purpose begins with; else "to" behind a method's word is followed by a name: "email to jenny"
    r"(?:say|send|meet|confirm|review|discuss|go|ask|tell|see|set|check|follow|talk|thank|show|get|find|schedule|offer|present|deliver|introduce"
    r"|close|renew|sign|bring|pick|drop|determine|learn|be|make|give|let|remind|invite|hear|explain|share|catch|touch|firm|finali[sz]e|update|try"
    r"|sell|pitch|propose|quote|measure|install|collect|order|book|plan|resolve|fix|answer|request|verify|know|look|work|do|have|keep|help|start)"
    r"(?![\w'’-])"
)
_LABEL = re.compile(r"(?i)(?:(?<![\w'’-])(?:cell|mobile|mob|tel|telephone|ph|office|direct|number|phone(?= ?[:#]))(?: ?[.:#])*|#) ?$")
_PIECES = re.compile(
    rf"{SEPARATOR}|(?<=[a-z]{{3}})(?<!inc)(?<!mrs)\.\s+(?=\w)|\s+[–—-]+\s+|\s[–—-]+$|^[–—-]+\s|[;:|]\s|,\s+(?!(?:inc|llc|ltd|co|corp|gmbh)\b)",
    re.IGNORECASE,
)
_STOP = re.compile(r"(?<=[a-z]{4})\.$")  # "Joe's Diner.", but "Acme Inc."
_LOOSE = re.compile(r"^(?:(?:with|w/|for|and|or|on|by|to|in)\s+)+|\s+(?:with|for|and|or|on|by|at|from|in|the|to)$")
_AT = re.compile(r"(?P<person>\S.*?)(?:\s+(?:at|from)\s+|\s*@\s*)(?P<name>\S.*)")
_OWNER = re.compile(
    r"(?<![\w'’-])(?:(?:the )?(?:owner|manager|mgr|buyer|contact)(?: is|:)?|ask for|attn:?|met|(?:spoke|talk(?:ed)?|speak) (?:to|with))"
    r"\s+(?P<person>[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?)(?![\w'’-])"
)
_BEHIND_A_NAME = re.compile(
    r"\s+(?:(?:back|again|try)$|(?P<note>(?:wants|needs|would like|asked|asks|expects|is|was|likes|said|says|called"
    r"|texted|e-?mailed|wrote|told|when|if|once|unless)(?: .*)?$"
    r"|for (?:coffee|lunch|breakfast|dinner|drinks)$|not (?:now|today|yet)$|(?:(?:the )?(?:owner|manager|director|buyer)|C[EFOT]O|GM|VP)$))"
)
_NO_PERSON = re.compile(r"(?i)\b(?:off|up|in|out|so|i|we|the|samples?|quote|call|visit|e-?mail|referral|lead|back|for|to)\b")
