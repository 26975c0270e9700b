"""A rep who does everything that the table of answers names, on the phone, which is no code of ours, with a prospect for each row."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any, cast
from urllib.parse import urljoin

import pytest

from followsync.core.history import Captured, Promised, Result
from followsync.core.prospect import Prospect
from followsync.pull import GRACE
from followsync.writer import TargetReport
from tests.phone import CADENCE, ZONE, Desk, Text, escaped
from tests.servers import Server
from tests.watched import Eye

Edit = Callable[[Text], object]


# ---- what the rep does ------------------------------------------------------------------------------------------------------------


def before_the_title(word: str) -> Edit:
    return lambda text: text.set(f"SUMMARY:{word} {text.value('SUMMARY')}")


def first_in_the_notes(line: str) -> Edit:
    return lambda text: text.set(f"DESCRIPTION:{escaped(line)}\\n{text.value('DESCRIPTION')}")


def in_html(first: str) -> Edit:
    """As the editors of web calendars write it: all of the notes become markup."""

    def edit(text: Text) -> None:
        lines = text.value("DESCRIPTION").replace("\\,", ",").replace("\\;", ";").split("\\n")
        ours = "<br>".join(escape(line, quote=False).replace("  ", " &nbsp;") or "&nbsp;" for line in lines)
        text.set(f"DESCRIPTION:{escaped(f'{first}<p>{ours}</p>')}")

    return edit


def sets(*lines: str) -> Edit:
    return lambda text: [text.set(line) for line in lines]


def tick(text: Text) -> None:
    text.set("STATUS:COMPLETED").set("PERCENT-COMPLETE:100").set("COMPLETED:20260105T150000Z")


def to(start: datetime, minutes: int = 5) -> Edit:
    def edit(text: Text) -> None:
        end = "DUE" if text.line("DUE") else "DTEND"
        zone = "TZID=America/Detroit"
        text.set(f"DTSTART;{zone}:{start:%Y%m%dT%H%M%S}").set(f"{end};{zone}:{start + timedelta(minutes=minutes):%Y%m%dT%H%M%S}")

    return edit


def longer(text: Text) -> None:
    """An hour, from where it starts."""
    to(datetime.strptime(text.value("DTSTART"), "%Y%m%dT%H%M%S"), 60)(text)


TUESDAY, FRIDAY = datetime(2026, 1, 6, 15, 30, tzinfo=ZONE), datetime(2026, 1, 9, 10, tzinfo=ZONE)
YES, NO, DONE, ATTEMPT, NEXT = Result.YES, Result.NO, Result.DONE, Result.ATTEMPT, Result.NEXT
SAME, THANKS, CHECK = "Call {} to determine next steps – {}", "Email {} to say thanks", "Check whether {} has decided"
QUOTE, REVIEW = "Call {} to send the quote – {}", "Visit {} to review the quote"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is typed into a call that stands on Wednesday, or on Monday (``TODAY``); it is Monday morning. ``then``: what stands there next,
    ``when``: how its start begins. ``fact``: what else is known from then on."""

    row: str
    edit: Edit
    result: Result
    then: str = ""
    when: str = ""
    fact: object = None


def answers(result: Result, *words: str, then: str = "", when: str = "", fact: object = None) -> list[Answer]:
    """Each word before the title, and as the first line of the notes."""
    before = [Answer(f"{word} before the title", before_the_title(word), result, then, when, fact) for word in words]
    return before + [Answer(f"{word} first in the notes", first_in_the_notes(word), result, then, when, fact) for word in words]


AFTERNOON = ("email", date(2026, 1, 8), None, "13:00", "send quote")
AT_TWO = ("call", date(2026, 1, 8), "14:00", None, "send the quote")
VISIT = ("visit", date(2026, 1, 8), "14:00", None, "review the quote")
ATTEMPTS = answers(ATTEMPT, "x", "no answer", "left message", then=SAME, when="20260106T1")
TODAY = {one.row for one in ATTEMPTS}  # promised for the day on which it is answered
ANSWERS = [
    *answers(YES, "y", "yes", "✓"),
    *answers(NO, "n", "no"),
    *ATTEMPTS,
    Answer("x before its day", before_the_title("x"), ATTEMPT, SAME, "20260107T"),
    *answers(DONE, "done", then=THANKS, when="20260108T"),
    *answers(NEXT, "> thu pm send quote", then="Email {} to send quote", when="20260108T1", fact=AFTERNOON),
    *answers(NEXT, "next: call Thursday 2pm to send the quote", then=QUOTE, when="20260108T140000", fact=AT_TWO),
    *answers(DONE, "waiting until Friday", then=CHECK, when="20260109T09", fact=date(2026, 1, 9)),
    Answer("yes in html", in_html("<p>yes</p>"), YES),
    Answer("yes in html with a line end", in_html("<div>yes<br></div>"), YES),
    Answer("> thu 2pm in html", in_html("<p>&gt; thu&nbsp;2pm visit to review the quote</p>"), NEXT, REVIEW, "20260108T140000", VISIT),
    Answer("> thu 2pm in careless html", in_html("<p>> thu 2pm visit to review the quote<br></p>"), NEXT, REVIEW, "20260108T140000", VISIT),
]  # fmt: skip
TICK = Answer("ticks the task", tick, DONE, THANKS, "20260108T")

NOTE = "Her boss decides, call him; not before 9"
NOTES = {
    "a note": first_in_the_notes(NOTE),
    "a note below": lambda text: text.set(f"DESCRIPTION:{text.value('DESCRIPTION')}\\n{escaped(NOTE)}"),
    "a note in html": in_html("<p>Her boss decides, call&nbsp;him; not before 9</p>"),
    "a note in html with line ends": in_html("Her boss decides, call him; not before 9<br><br>"),
}
KEPT = {
    "colour": ["COLOR:turquoise", "X-APPLE-CALENDAR-COLOR:#44A703"],
    "place": ["LOCATION:Joe's Diner\\, 12 Main St"],
    "title of their own": ["SUMMARY:The nice one"],
    "what we do not know": ["X-MOZ-GENERATION:4", "CATEGORIES:Work,Phone", "PRIORITY:1", "CLASS:PRIVATE"],
}
ALARM = ["BEGIN:VALARM", "UID:9A1F", "ACTION:AUDIO", "TRIGGER:-PT45M", "ATTACH;VALUE=URI:Chord", "END:VALARM"]

MONDAY: dict[str, Edit] = {
    **{one.row: one.edit for one in [*ANSWERS, TICK]},
    **NOTES,
    **{row: sets(*lines) for row, lines in KEPT.items()},
    "alarm": lambda text: text.without_alarms().before_end(*ALARM),
    "duration": longer,
    "moves": to(TUESDAY),
    "moves again": to(TUESDAY),
    "sometime": first_in_the_notes("> sometime"),
    "sometime, then x": first_in_the_notes("> sometime"),
    "sometime, then done": first_in_the_notes("> sometime"),
}
ONLY = {TICK.row: "task", "duration": "event"}  # a task whose end is moved is moved: its app knows no start
DELETED = ["deletes", "deletes, then x", "deletes, then done"]
OUR_CHANGES = [*NOTES, *KEPT, "alarm", "duration", "both sides"]
AT_THE_DESK = ["closed at the desk", "agreed anew at the desk", "both sides"]
ROWS = [*MONDAY, *DELETED, *AT_THE_DESK]
ROOM, SHORT = "capacity: 80\nbuffer: 1 minute", "methods:\n  call: {minutes: 5}\n"
OLD = "  old:\n    for: {stage: old}\n    start: met\n    steps:\n      - {after: 2 days, method: call, purpose: see how it went}\n"


# ---- the days of the rep ----------------------------------------------------------------------------------------------------------


def stranger(title: str, form: str, uid: str) -> str:
    """An entry that the rep types on the phone for Thursday at two."""
    name, end = ("VTODO", "DUE") if form == "task" else ("VEVENT", "DTEND")
    zone = "TZID=America/Detroit"
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Apple Inc.//iOS 18.1//EN\r\nBEGIN:{name}\r\nUID:{uid}\r\nDTSTAMP:20260105T120000Z\r\n"
        f"DTSTART;{zone}:20260108T140000\r\n{end};{zone}:20260108T143000\r\nSUMMARY:{escaped(title)}\r\nEND:{name}\r\nEND:VCALENDAR\r\n"
    )


class Table(Desk):
    """A prospect for each row, a call with each of them on Wednesday, and the days on which a rep answers.

    ``shown``: what the calendar held after the moment of that name, href -> text. ``href``: where the row's call stands.
    """

    def __init__(self, server: Server, form: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(server, folder, capsys)
        self.form = form
        self.phone = self.eye(self.calendar)
        self.other = self.eye(f"{self.calendar} private")
        self.shown: dict[str, dict[str, Text]] = {}
        self.configure(write=form, rep=ROOM, more=SHORT, cadences=CADENCE + OLD)

    def eye(self, calendar: str) -> Eye:
        return Eye(self.server, calendar)

    def who(self, row: str) -> str:
        return f"Diner {ROWS.index(row):02d}" if row in ROWS else row

    def key(self, row: str) -> str:
        return self.who(row).lower().replace(" ", "-")

    def title(self, form: str, row: str) -> str:
        return form.format(self.who(row), f"248.867.54{ROWS.index(row):02d}")

    def facts(self, row: str, kind: type) -> list[Any]:
        return [fact for fact in self.known[self.key(row)] if isinstance(fact, kind)]

    def own(self, row: str, moment: str) -> Text:
        return self.shown[moment][self.href[row]]

    def others(self, row: str, moment: str) -> list[Text]:
        """What else stands there about the prospect of the row."""
        shown = self.shown[moment].items()
        return [text for href, text in shown if href != self.href.get(row) and re.search(rf"\b{self.who(row)}\b", text.value("SUMMARY"))]

    def play(self) -> None:
        self.captured()
        self.other.make()
        for number, title in enumerate(["Call Jenny to determine next steps – 248.867.5309", "Golf league"]):
            self.other.add(f"{number}.ics", stranger(title, self.form, f"private-{number}"))
        self.private = self.other.etags()
        self.good()
        found = {text.value("SUMMARY"): href for href, text in self.look("written").items()}
        self.href = {row: found[self.title(SAME, row)] for row in ROWS}
        self.monday()
        self.tuesday()
        self.now = "2026-01-07T08:00"
        self.good()
        self.look("wednesday")
        with closing(self.store()) as store, store.reading() as tx:
            self.known = {one.id: tx.history(one.id) for one in tx.prospects("dana")}

    def captured(self) -> None:
        store = self.store()
        with store.writing() as tx:
            for number, row in enumerate(ROWS):
                start = datetime(2026, 1, 5 if row in TODAY else 7, 12, 30, tzinfo=ZONE) + timedelta(minutes=5 * number)
                fields = {"stage": "pitched", "fields": {"met": "2026-01-05"}, "phone": f"248.867.54{number:02d}"}
                tx.capture(Prospect(self.key(row), "dana", self.who(row), **fields), Captured(self.moment, "cli"))
                tx.append(self.key(row), Promised(self.moment, "cli", "call", start.date(), start, purpose="determine next steps"))
            old = Prospect("ann", "dana", "Ann", stage="old", fields={"met": "2026-01-05"})
            tx.capture(old, Captured(self.moment, "cli"))
        store.close()

    def look(self, moment: str) -> dict[str, Text]:
        self.shown[moment] = {href: Text(raw) for href, raw in self.phone.texts().items()}
        return self.shown[moment]

    def edit(self, href: str, *edits: Edit) -> None:
        url = urljoin(self.phone.root, href)
        read = self.phone.session.get(url, timeout=30)
        text = Text(read.content.decode())
        for edit in edits:
            edit(text)
        headers = {"Content-Type": "text/calendar; charset=utf-8", "If-Match": read.headers["ETag"]}
        self.phone.session.put(url, data=str(text).encode(), headers=headers, timeout=30).raise_for_status()

    def good(self) -> TargetReport:
        (report,) = self.cycle().targets.values()
        assert not report.error, report.error
        return report

    def monday(self) -> None:
        """The rep does what the table says."""
        self.now = "2026-01-05T10:00"
        for row, edit in MONDAY.items():
            if row not in ONLY or ONLY[row] == self.form:
                self.edit(self.href[row], edit)
        for row in DELETED:
            self.phone.delete(self.href[row])
        self.foreign = [
            self.phone.add(f"{n}.ics", stranger(t, self.form, f"f-{n}")) for n, t in enumerate(["Golf league", "Lunch with Joe"])
        ]
        self.typed = self.phone.add("typed.ics", stranger("Call Jenny to determine next steps – 248.867.5309", self.form, "typed-by-hand"))
        self.look("typed")
        self.good()
        self.now = f"{self.moment + GRACE:%Y-%m-%dT%H:%M}"
        self.good()
        self.look("monday")

    def tuesday(self) -> None:
        """The rep answers what was asked, and what was only noted on Monday; at the desk things change as well."""
        self.now = "2026-01-06T11:00"
        for row in NOTES:
            self.edit(self.href[row], before_the_title("done"))
        for row, word in (
            ("sometime, then x", "x"),
            ("sometime, then done", "done"),
            ("deletes, then x", "x"),
            ("deletes, then done", "done"),
        ):
            (asks,) = (href for href, text in self.shown["monday"].items() if text.value("SUMMARY").startswith(f"{self.who(row)}: "))
            self.edit(asks, before_the_title(word))
        self.edit(self.href["moves again"], to(FRIDAY))
        self.edit(self.href["both sides"], to(FRIDAY), first_in_the_notes("Not before three"), sets("LOCATION:Her car"))
        self.run("log", self.key("closed at the desk"), "no")
        self.run("log", self.key("agreed anew at the desk"), "next", "visit Friday 3pm to review the quote")
        self.from_the_fair(*KEPT, "alarm", "duration", "both sides")
        self.good()
        self.configure(write=self.form, rep=ROOM, more=SHORT)  # the old cadence is no more
        self.good()
        self.look("tuesday")
        again = self.good()
        self.again = (again.requests, again.created, again.updated, again.deleted)

    def from_the_fair(self, *rows: str) -> None:
        """Our part of the notes says something new."""
        store = self.store()
        with store.writing() as tx:
            for row in rows:
                tx.save(replace(cast(Prospect, tx.prospect(self.key(row))), source="the fair"))
        store.close()
