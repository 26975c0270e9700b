"""What reps really type, with the reading that a sensible sales manager would give it: a development list.

It was written from the product's words alone, before anybody looked at the grammar, and judged it while it was held out. It is read now by
whoever works on the grammar, so what it says of the grammar flatters; a list of the same kind that is not read measures (see
tests/test_phrases.py). A failure stands for a kind of line: its siblings are in tests/data/captures_kinds.txt.

The moment of all: Tuesday 2026-01-06 10:00 in America/Detroit, hours Mon-Fri 9-17, holidays US-MI, morning 09-12, afternoon 13-17.

CAPTURES, one typed line each:
- right: day, time or part, method and `closes` are equal, and the phone, e-mail, business and person that are given here were found.
  A time within the part that was meant is right, and all the working day where the day alone was meant.
- confidently wrong: a day or time or method is given that differs from the expectation (also: the line closes and should not).
- undecided: the day is None where a day was expected. A fault, but a small one: the rep is asked.
`day=None` with `closes=False` is the right answer `decide`: giving any day there is confidently wrong.

ANSWERS, texts typed into an entry that stands as TITLE:
- right: the meaning is equal, and for `next` and `waiting` day, time or part, method and purpose too.
- confidently wrong: yes, no, attempt, done, next or waiting is given that differs from the expectation.
- undecided: `unclear` or `note` where something else was expected. Nothing is lost: at most one question too many or too few.

How readings were chosen where people differ:
- A promise keeps its day, even on a holiday or a Saturday. A span (next week, end of the month, after a holiday) is no such day:
  it begins on its first working day, and an end is its last working day.
- The day after Thanksgiving is a holiday in Michigan. So is 19 January.
- `next Friday`, said on a Tuesday, is the Friday of next week; `Friday` is this week's. A weekday that is today's, with an hour that
  is not ahead, is a week from today.
- `Tuesday week`, said on a Tuesday, is the 13th to some and the 20th to others: decide.
- `in the new year` and `after the holidays`, said on 6 January, are senseless: decide. So is what has passed.
- A bare hour is one at which shops are open: `at 3` is 15:00, `at 9` is 09:00.
- Where no method of the catalogue is named (a text message, touch base) the method is "".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

NOW = datetime(2026, 1, 6, 10, 0, tzinfo=ZoneInfo("America/Detroit"))
"""A Tuesday."""

TITLE = "Call Jenny to determine next steps – 248.867.5309"
"""The title of the entry that ANSWERS are typed into."""

Method = Literal["call", "visit", "email", "video", "meeting", "letter", "gift", "newsletter", ""]
Meaning = Literal["yes", "no", "attempt", "done", "next", "waiting", "note", "unclear"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One line and what should be understood.

    `time` is "HH:MM", `part` "morning" or "afternoon"; both None: the day alone. `also` holds readings of the hour that are as good
    ("HH:MM" or a part), because the words leave it open. `name` is the business and `person` the human, as typed, to be compared
    without regard to case; "" is not judged. Where there is no business the prospect may bear the person's name. `phone` and `email`
    are as typed; "" says there is none in the line.
    """

    text: str
    method: Method
    day: date | None
    time: str | None = None
    part: Literal["morning", "afternoon"] | None = None
    also: tuple[str, ...] = ()
    name: str = ""
    person: str = ""
    phone: str = ""
    email: str = ""
    closes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One text, where it stands, and what it means.

    `where` is "title": `text` is the whole title; or "notes": `text` is all that stands above our own part, as the client wrote it.
    `note` is plain text or a title of the rep's own, and no answer. `unclear` changes nothing and asks one question.
    `method` "" is not judged; `purpose` must be contained in the purpose, whatever its case.
    """

    text: str
    where: Literal["title", "notes"]
    means: Meaning
    day: date | None = None
    time: str | None = None
    part: Literal["morning", "afternoon"] | None = None
    method: Method = ""
    purpose: str = ""


CAPTURES: tuple[Capture, ...] = (
    # A day, and mostly an hour.
    Capture(
        text="Call Jenny thurs 2pm to go over the quote 248.867.5309",
        method="call",
        day=date(2026, 1, 8),
        time="14:00",
        person="Jenny",
        phone="248.867.5309",
    ),
    Capture(
        text="joes diner owner not in come back thu afternoon",
        method="visit",
        day=date(2026, 1, 8),
        part="afternoon",
        name="joes diner",
    ),
    Capture(
        text="tmrw @ 2pm call joe 248 555 0100",
        method="call",
        day=date(2026, 1, 7),
        time="14:00",
        person="joe",
        phone="248 555 0100",
    ),
    Capture(text="lunch w Norah next friday noon", method="meeting", day=date(2026, 1, 16), time="12:00", person="Norah"),
    Capture(
        text="drop off a sample at Yes Café fri 8:30",
        method="visit",
        day=date(2026, 1, 9),
        time="08:30",
        name="Yes Café",
    ),
    Capture(text="zoom w/ Dana wed 11am", method="video", day=date(2026, 1, 7), time="11:00", person="Dana"),
    Capture(text="Coffee Jenny Fri 9:30am", method="meeting", day=date(2026, 1, 9), time="09:30", person="Jenny"),
    Capture(
        text="VISIT NO FRILLS GROCERY JAN 22ND 10:30 ASK FOR NORAH 2485550100",
        method="visit",
        day=date(2026, 1, 22),
        time="10:30",
        name="NO FRILLS GROCERY",
        person="NORAH",
        phone="2485550100",
    ),
    Capture(
        text="Call Bob Lee Tuesday 10am 1-248-555-0100",
        method="call",
        day=date(2026, 1, 13),
        time="10:00",
        person="Bob Lee",
        phone="1-248-555-0100",
    ),
    Capture(
        text="Done Deal Motors call 2/3/26 at 1",
        method="call",
        day=date(2026, 2, 3),
        time="13:00",
        name="Done Deal Motors",
    ),
    Capture(
        text="March Motors call back on the 15th ask for Joe",
        method="call",
        day=date(2026, 1, 15),
        name="March Motors",
        person="Joe",
    ),
    Capture(text="video call Sarah day after tmrw 3pm", method="video", day=date(2026, 1, 8), time="15:00", person="Sarah"),
    Capture(
        text="teams mtg with lakeside dental a week from thursday 10am",
        method="video",
        day=date(2026, 1, 15),
        time="10:00",
        name="lakeside dental",
    ),
    Capture(
        text="Call Bob Lee 14:30 thu +44 (0)20 7946 0018",
        method="call",
        day=date(2026, 1, 8),
        time="14:30",
        person="Bob Lee",
        phone="+44 (0)20 7946 0018",
    ),
    Capture(
        text="call jenny tomorow at 3 248-867-5309",
        method="call",
        day=date(2026, 1, 7),
        time="15:00",
        person="jenny",
        phone="248-867-5309",
    ),
    Capture(
        text="Lakeside Dental per Joe call Sarah thurdsay 9am (248) 555-0100",
        method="call",
        day=date(2026, 1, 8),
        time="09:00",
        name="Lakeside Dental",
        person="Sarah",
        phone="(248) 555-0100",
    ),
    Capture(
        text="Text joe thurs 9am +1 248 555 0100",
        method="",
        day=date(2026, 1, 8),
        time="09:00",
        person="joe",
        phone="+1 248 555 0100",
    ),
    Capture(text="Call jenny mon jan 19 2pm", method="call", day=date(2026, 1, 19), time="14:00", person="jenny"),
    Capture(
        text="Farm Market Stand visit Sat 8am",
        method="visit",
        day=date(2026, 1, 10),
        time="08:00",
        name="Farm Market Stand",
    ),
    Capture(text="Call joe in 45 min", method="call", day=date(2026, 1, 6), time="10:45", person="joe"),
    # A day that has to be told from another one in the line.
    Capture(
        text="talked to joe yesterday call him fri 11am",
        method="call",
        day=date(2026, 1, 9),
        time="11:00",
        person="joe",
    ),
    Capture(
        text="Corner Hardware closed Mondays, visit Wed 10am",
        method="visit",
        day=date(2026, 1, 7),
        time="10:00",
        name="Corner Hardware",
    ),
    Capture(
        text="Joe's Diner cant do thu try fri 3pm visit",
        method="visit",
        day=date(2026, 1, 9),
        time="15:00",
        name="Joe's Diner",
    ),
    Capture(
        text="sat w the owner of Second St Deli, may buy 20 cases, call 1/20 9am",
        method="call",
        day=date(2026, 1, 20),
        time="09:00",
        name="Second St Deli",
    ),
    # A part of the day.
    Capture(
        text="pop in to Corner Hardware this afternoon",
        method="visit",
        day=date(2026, 1, 6),
        part="afternoon",
        name="Corner Hardware",
    ),
    Capture(
        text="Fri morning call No Frills Grocery",
        method="call",
        day=date(2026, 1, 9),
        part="morning",
        name="No Frills Grocery",
    ),
    Capture(text="left vm for Sarah try again tmrw am", method="call", day=date(2026, 1, 7), part="morning", person="Sarah"),
    Capture(
        text="email Jenny first thing thurs",
        method="email",
        day=date(2026, 1, 8),
        part="morning",
        also=("09:00",),
        person="Jenny",
    ),
    Capture(
        text="Email quote to Lakeside Dental by COB Thursday",
        method="email",
        day=date(2026, 1, 8),
        also=("afternoon", "17:00"),
        name="Lakeside Dental",
    ),
    # A day alone, or a span of days.
    Capture(
        text="Joe's Diner (248) 555-0100 in two months their contract is up so I walk back in",
        method="visit",
        day=date(2026, 3, 6),
        name="Joe's Diner",
        phone="(248) 555-0100",
    ),
    Capture(
        text="after thanksgiving swing by lakeside dental ask for Sarah",
        method="visit",
        day=date(2026, 11, 30),
        name="lakeside dental",
        person="Sarah",
    ),
    Capture(
        text="email Bob Lee pricing end of the month bob.lee@example.com",
        method="email",
        day=date(2026, 1, 30),
        person="Bob Lee",
        email="bob.lee@example.com",
    ),
    Capture(
        text="Corner Hardware call back in 10 business days 248-555-0123",
        method="call",
        day=date(2026, 1, 21),
        name="Corner Hardware",
        phone="248-555-0123",
    ),
    Capture(
        text="First week of March visit Main St Bakery, Norah runs it",
        method="visit",
        day=date(2026, 3, 2),
        name="Main St Bakery",
        person="Norah",
    ),
    Capture(
        text="ring Sarah thursday week +44 20 7946 0123",
        method="call",
        day=date(2026, 1, 15),
        person="Sarah",
        phone="+44 20 7946 0123",
    ),
    Capture(
        text="shoot her an email Monday sarah@example.com Sarah at Corner Hardware",
        method="email",
        day=date(2026, 1, 12),
        name="Corner Hardware",
        person="Sarah",
        email="sarah@example.com",
    ),
    Capture(
        text="handwritten note to Norah at X-ray clinic tomorrow",
        method="letter",
        day=date(2026, 1, 7),
        name="X-ray clinic",
        person="Norah",
    ),
    Capture(text="send flowers to Jenny fri", method="gift", day=date(2026, 1, 9), person="Jenny"),
    Capture(
        text="call Lakeside Dental in 90 days 248-555-0199 ext 4",
        method="call",
        day=date(2026, 4, 6),
        name="Lakeside Dental",
        phone="248-555-0199 ext 4",
    ),
    Capture(text="call Sarah next week", method="call", day=date(2026, 1, 12), person="Sarah"),
    Capture(
        text="week of the 19th visit Main St Bakery",
        method="visit",
        day=date(2026, 1, 20),
        name="Main St Bakery",
    ),
    Capture(
        text="2nd tues of feb lunch with Bob Lee",
        method="meeting",
        day=date(2026, 2, 10),
        also=("12:00",),
        person="Bob Lee",
    ),
    Capture(text="call dana after labor day", method="call", day=date(2026, 9, 8), person="dana"),
    Capture(
        text="last friday of the month stop by Joe's Diner",
        method="visit",
        day=date(2026, 1, 30),
        name="Joe's Diner",
    ),
    Capture(text="touch base w bob in a couple weeks", method="", day=date(2026, 1, 20), person="bob"),
    Capture(
        text="6 months call Next-gen Printing, locked in w competitor",
        method="call",
        day=date(2026, 7, 6),
        name="Next-gen Printing",
    ),
    # No follow-up.
    Capture(text="Main St Bakery not interested", method="", day=None, closes=True, name="Main St Bakery"),
    # No day named: decide.
    Capture(
        text="Norah wants the newsletter norah@example.com",
        method="newsletter",
        day=None,
        person="Norah",
        email="norah@example.com",
    ),
    Capture(text="Done Deal Motors may switch, call em", method="call", day=None, name="Done Deal Motors"),
    # A day that is vague, double, past or no day at all: decide.
    Capture(
        text="Joe's Diner 248.555.0100 x12 follow up sometime",
        method="",
        day=None,
        name="Joe's Diner",
        phone="248.555.0100 x12",
    ),
    Capture(text="circle back with Bob Lee in the new year", method="", day=None, person="Bob Lee"),
    Capture(text="visit Lakeside Dental soon", method="visit", day=None, name="Lakeside Dental"),
    Capture(text="call Joe when theyre back from vacation", method="call", day=None, person="Joe"),
    Capture(
        text="call Bob Lee Friday the 14th", method="call", day=None, person="Bob Lee"
    ),  # 14 January is a Wednesday; nobody means August
    Capture(text="Yes Café 1/2 or 1/3 coffee", method="meeting", day=None, name="Yes Café"),
    Capture(text="Visit Corner Hardware Feb 30", method="visit", day=None, name="Corner Hardware"),
    Capture(
        text="call Sarah Thursday or Friday (248) 555-0100",
        method="call",
        day=None,
        person="Sarah",
        phone="(248) 555-0100",
    ),
    Capture(text="ring Norah tuesday week", method="call", day=None, person="Norah"),  # the 13th or the 20th
    Capture(text="call jenny wed 1/15 10am", method="call", day=None, person="jenny"),  # 15 January is a Thursday
    Capture(text="call Bob Lee today 9am", method="call", day=None, person="Bob Lee"),  # it is 10:00
)


ANSWERS: tuple[Answer, ...] = (
    # Before the title.
    Answer(text="y Call Jenny to determine next steps – 248.867.5309", where="title", means="yes"),
    Answer(text="✔️ Call Jenny to determine next steps – 248.867.5309", where="title", means="yes"),
    Answer(text="✅Call Jenny to determine next steps – 248.867.5309", where="title", means="yes"),
    Answer(text="YES! Call Jenny to determine next steps – 248.867.5309", where="title", means="yes"),
    Answer(text="“Yes” Call Jenny to determine next steps – 248.867.5309", where="title", means="yes"),
    Answer(text="No. Call Jenny to determine next steps – 248.867.5309", where="title", means="no"),
    Answer(text="X – Call Jenny to determine next steps – 248.867.5309", where="title", means="attempt"),
    Answer(text="LM Call Jenny to determine next steps – 248.867.5309", where="title", means="attempt"),
    Answer(text="left msg: Call Jenny to determine next steps – 248.867.5309", where="title", means="attempt"),
    Answer(text="done... Call Jenny to determine next steps – 248.867.5309", where="title", means="done"),
    Answer(
        text="> thu pm send quote Call Jenny to determine next steps – 248.867.5309",
        where="title",
        means="next",
        day=date(2026, 1, 8),
        part="afternoon",
        purpose="send quote",
    ),
    Answer(text=">sometime Call Jenny to determine next steps – 248.867.5309", where="title", means="unclear"),
    # A red cross is "not reached" to some and "lost" to others.
    Answer(text="❌ Call Jenny to determine next steps – 248.867.5309", where="title", means="unclear"),
    # Titles of the rep's own.
    Answer(text="Norah", where="title", means="note"),
    Answer(text="Next-gen quote", where="title", means="note"),
    Answer(text="Yes Café", where="title", means="note"),
    Answer(text="No Frills Grocery", where="title", means="note"),
    Answer(text="X-ray clinic", where="title", means="note"),
    Answer(text="Done Deal Motors", where="title", means="note"),
    Answer(text="Y Combinator lunch", where="title", means="note"),
    # In the notes: outcomes and attempts.
    Answer(text="\n\n  yes!\nsigned for 12 months", where="notes", means="yes"),
    Answer(text="<b>yes</b>", where="notes", means="yes"),
    Answer(text="no thanks", where="notes", means="no"),
    Answer(text="no — went with someone else", where="notes", means="no"),
    Answer(text="<p>&nbsp;</p><p>Left message.</p>", where="notes", means="attempt"),
    Answer(text="NO ANSWER", where="notes", means="attempt"),
    Answer(text="vm", where="notes", means="attempt"),
    Answer(text="done<br>she liked the sample", where="notes", means="done"),
    # In the notes: a next step.
    Answer(
        text="&gt; thu 2pm call to review the quote<br>",
        where="notes",
        means="next",
        day=date(2026, 1, 8),
        time="14:00",
        method="call",
        purpose="review the quote",
    ),
    Answer(text="NEXT: coffee fri 3pm", where="notes", means="next", day=date(2026, 1, 9), time="15:00", method="meeting"),
    # No plain no: it must not close. Asking is fine too, and counts as undecided.
    Answer(text="no, call back in march", where="notes", means="next", day=date(2026, 3, 2), method="call"),
    Answer(text="Waiting until Friday for her boss", where="notes", means="waiting", day=date(2026, 1, 9)),
    # In the notes: risky to guess.
    Answer(text="yes but call thu 2pm", where="notes", means="unclear"),  # won and closed, or a call still promised?
    Answer(text="yes?", where="notes", means="unclear"),
    Answer(text="n/a", where="notes", means="unclear"),  # no answer, not available or not applicable; never a no
    Answer(text="waiting on their legal team", where="notes", means="unclear"),  # until when?
    Answer(text="> 1/2 or 1/3 call", where="notes", means="unclear"),
    # In the notes: plain text.
    Answer(text="Next time ask for Bob Lee", where="notes", means="note"),
    Answer(text="No idea who decides yet", where="notes", means="note"),
    Answer(text="Yesterday she was out sick", where="notes", means="note"),
)
