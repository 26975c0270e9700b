"""The state machine: a rep on the phone, the same rep at the terminal, the clock, faults, kills, and cycles, in any order.

The calendars are the memory calendar, or a server in memory, spoken to by the real client: a CalDAV server with one of the personalities
of ``tests.dav``, or Google (``tests.google``). What must always hold (sync.md, 10.2), and what looks after it:

==== ================================================= ==========================================================================
I1   one live entry per target and action              ``at_most_one_open_action`` after each step; ``_stands_as_it_should`` at rest
I2   no edit of the rep's is lost                      ``Ledger.missing`` at rest: each act has become its fact
I3   without news, nothing is written                  ``settle``: the last cycles, the last one with the gate forced open, write nothing;
                                                       30 idle cycles in ``tests/test_personalities.py``
I4   nothing deleted without cause                     ``nothing_is_deleted_that_is_wanted``, ``records_stay`` after each step
I5   what is not ours is not touched                   ``foreign_entries_are_untouched``, ``only_our_own_names_are_written`` after each step
I6   one bad entry stops nobody                        a spoilt text lies in every calendar, and ``settle`` wants a report without errors;
                                                       refused entries in ``tests/test_personalities.py``
I7   no mail is sent for us                            ``only_our_own_names_are_written``: no guest, organizer or method was ever sent
I8   no cursor runs ahead of what was understood       ``Ledger.missing`` after kills at any moment, without listing everything anew
I9   the hour on the phone is the hour that was meant  ``_stands_as_it_should``: moves and promises across both changes of the clocks
I10  the plan does not depend on the order             ``_plans_the_same_in_any_order`` at rest
==== ================================================= ==========================================================================

Beside them: ``facts_are_the_reps`` (no fact that nobody did, none twice) and ``what_was_deleted_stays_deleted``.
"""

from __future__ import annotations

import os
import pickle
import re
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from html import escape
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from followsync.calendars.memory import Faults, MemoryServer
from followsync.core.cadence import Form
from followsync.core.history import (
    Captured,
    Contradicted,
    Dismissed,
    Kind,
    Moved,
    Noted,
    Promised,
    Reopened,
    Restored,
    Result,
    Touched,
    Unclear,
    Waiting,
)
from followsync.core.identity import action_id
from followsync.core.item import Item, State, Written
from followsync.core.operations import OURS, SAME_A_DAY, carries_marks, is_given_back
from followsync.core.prospect import Prospect
from followsync.core.standing import standing
from followsync.core.wording import is_record
from followsync.cycle import Report
from followsync.missing import is_doubted
from followsync.picture import picture, stance
from followsync.pull import GRACE
from tests.dav.personalities import FOOTER, SERVERS
from tests.machine.apps import LINES, App, app_of
from tests.machine.death import Death
from tests.machine.ledger import Act, Ledger, last_move, open_promise, question
from tests.machine.room import CONFIG, ZONE, Room

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # a disk's own waiting tells nothing here
BEGINNINGS = [datetime(2026, *day, 10, tzinfo=ZONE) for day in ((1, 5), (3, 6), (10, 30), (12, 23))]
TWO = CONFIG.replace("[phone]", "[phone, desk]").replace(
    "cadences:", '  desk: {type: caldav, url: "https://dav.example.org/", calendar: Desk, write: task}\ncadences:'
)
PAGED = (10, 12)  # the months of the beginnings in which the rep has a page of the day; open at that hour, so it is written at once
ANSWERS = {"yes": Result.YES, "no": Result.NO, "x": Result.ATTEMPT, "done": Result.DONE, "left message": Result.ATTEMPT}
DOUBTS = ["no, she is not in", "yes, she liked it", "x friday", "done: will send the quote"]  # each answers nothing for certain
OWN = {
    "golf": ("Golf league {number}", ""),
    "family": ("Call mom about point {number}", ""),
    "series": ("Call Series {number} to agree on the price", "series"),
    "invitation": ("Call Guest {number} to agree on the price", "invitation"),
}
MEMORIES = {"memory": {}, "memory_rewrite": {"rewrite": True}, "memory_no_etag": {"no_etag": True}}
QUIET = 12  # cycles after which everything is to be settled, whatever happened before
MINUTES = GRACE + timedelta(minutes=1)
REMEMBERED = (
    "ledger",
    "deleted",
    "wiped",
    "anew",
    "bin",
    "people",
    "number",
    "tugs",
    "foreign",
    "copied",
    "typed",
    "own",
    "held",
    "looked",
)
pick = st.integers(0, 7)


class Turned:
    """A transaction that tells everything the other way round."""

    def __init__(self, tx: Any) -> None:
        self._tx = tx

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    def prospects(self, *which: Any, **how: Any) -> Any:
        return list(reversed(self._tx.prospects(*which, **how)))

    def histories(self, *which: Any, **how: Any) -> Any:
        return dict(reversed(self._tx.histories(*which, **how).items()))

    def written(self, *which: Any, **how: Any) -> Any:
        return list(reversed(self._tx.written(*which, **how)))


class Machine(RuleBasedStateMachine):
    """``pick`` numbers choose among what is there, so that examples stay good while they are made smaller."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="followsync-", dir=MEMORY))
        self.ledger = Ledger()
        self.deleted: set[str] = set()
        self.wiped: set[str] = set()
        self.anew: set[str] = set()
        self.bin: dict[str, tuple[str, str]] = {}
        self.copied: set[str] = set()  # a copy is the entry itself once that is gone, so these stay
        self.held: set[str] = set()  # what was to go when the rep was faster, until a cycle is done
        self.people: list[str] = []
        self.own: dict[str, str] = {}  # href -> target of what could still be renamed
        self.number = self.tugs = 0

    @initialize(two=st.booleans(), personality=st.sampled_from([*MEMORIES, *SERVERS]), begin=st.sampled_from(BEGINNINGS))
    def start(self, two: bool, personality: str, begin: datetime) -> None:
        self.begin(two, personality, begin)
        self.capture(pitched=True)
        self.cycle()

    @property
    def typed(self) -> dict[str, str]:
        return self.room.typed

    @typed.setter
    def typed(self, typed: dict[str, str]) -> None:
        self.room.typed = typed

    def begin(self, two: bool, personality: str, begin: datetime) -> None:
        config = TWO if two else CONFIG
        paged = config.replace("daily_page: off", "daily_page: 11:00") if begin.month in PAGED else config
        self.room = Room(self.folder, paged, begin, SERVERS.get(personality))
        self.personality = MEMORIES.get(personality, {})
        self.ledger = Ledger(bool(self.room.personality and self.room.personality.cache))
        for server in self.room.servers.values():
            app_of(server).others()
        self.foreign = {name: self._foreign(name) for name in self.room.servers}
        self.looked = begin
        self._heal()

    def teardown(self) -> None:
        if hasattr(self, "room"):
            try:
                self.settle()
            finally:
                self.put_away()

    def put_away(self) -> None:
        if hasattr(self, "room"):
            self.room.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def remembered(self) -> tuple[bytes, Any]:
        """Everything there is, for ``put_back``."""
        servers = {name: vars(server) | {"personality": None} for name, server in self.room.servers.items()}
        ours = {name: getattr(self, name) for name in REMEMBERED}
        return pickle.dumps((ours, servers, self.room.now)), self.room.stored()

    def put_back(self, remembered: tuple[bytes, Any]) -> None:
        ours, servers, self.room.now = pickle.loads(remembered[0])
        for name, value in ours.items():
            setattr(self, name, value)
        for name, server in self.room.servers.items():
            personality = getattr(server, "personality", None)
            vars(server).update(servers[name])
            server.personality = personality
        self.room.put_back(remembered[1])

    # --- the rep at the terminal

    @precondition(lambda self: len(self.people) < 4)
    @rule(pitched=st.booleans())
    def capture(self, pitched: bool) -> None:
        name = f"Person {len(self.people)}"
        met = {"met": self.room.now.date().isoformat()} if pitched else {}
        prospect = self.room.capture(name, phone="248.867.5309", stage="pitched" if pitched else "", **met)
        self.people.append(prospect.id)
        self.ledger.skip(prospect.id, self.room.history(prospect.id))

    @rule(who=pick, result=st.sampled_from([Result.DONE, Result.ATTEMPT, Result.NEXT, Result.NO]), ahead=st.integers(1, 9))
    def log(self, who: int, result: Result, ahead: int) -> None:
        prospect = self.people[who % len(self.people)]
        if self.room.action(prospect):
            self.room.log(prospect, result, self._promise_text(ahead))
            self.ledger.skip(prospect, self.room.history(prospect))

    # --- the rep on the phone

    def app(self, target: str) -> App:
        return app_of(self.room.servers[target])

    def which(self, prospect: str, target: str = "phone") -> int:
        """The number of the prospect's open entry there."""
        (href,) = self.room.open_items(prospect, target)
        return [(name, one) for name in self.room.servers for one in self.room.items(name)].index((target, href))

    def entry(self, which: int) -> tuple[str, str, Item, Written | None] | None:
        """One of our entries on some target: target, href, item, and its row."""
        found = [(target, href) for target in self.room.servers for href in self.room.items(target)]
        found += [
            (target, href) for href, target in self.typed.items() if (target, href) not in found and self._row(target, href, there=True)
        ]
        if not found:
            return None
        target, href = found[which % len(found)]
        return target, href, self.room.servers[target].phone_item(href, ZONE), self._row(target, href)

    def _row(self, target: str, href: str, *, there: bool = False) -> Written | None:
        if there and href not in self.room.servers[target].entries:
            return None
        with self.room.store.reading() as tx:
            return next((row for row in tx.written("dana", target, everything=True) if row.href == href), None)

    def act(self, what: type[Any], href: str, item: Item, row: Written | None, detail: object = None, **more: Any) -> None:
        """Note down what should become a fact: not what is done to a record, but what is written into it. What came back after nobody
        expected it any more is read as it stands: an answer and a note in it count, its place may be news. What was given back is no
        longer ours to read, and what was replaced is a record, even where the store does not know yet that it is; but an agreement that
        waits for its turn is told there."""
        if row is None:
            return
        if is_given_back(row):
            if row.action in self._agreed_with(row.prospect):
                self.ledger.did(Act(what, row.prospect, row.action, href, detail, **(more | {"maybe": what is not Noted})))
            return
        back = row.state is State.GONE and href in self.anew
        waits = row.state is State.OPEN and bool(row.agreed or row.intended)
        unmarked = row.state is State.ANSWERED and what is not Noted  # answered elsewhere, and nothing shows it yet: it may put that right
        if not (waits or back or unmarked or (what is Noted and row.state in (State.ANSWERED, State.RECORDED))):
            return
        if what is Moved and self.ledger.answered_on_phone(href) and not self.ledger.is_still_to_do(href):
            return
        given_back = self.ledger.reading and row.intended is not None and (not carries_marks(item) or is_record(item))
        more["maybe"] = more.get("maybe", False) or (back and what is Moved) or given_back or unmarked
        self.ledger.did(Act(what, row.prospect, row.action, href, detail, **more))

    @rule(how=st.sampled_from(list(LINES)), who=st.none() | pick, which=pick, ahead=st.integers(1, 9), noted=st.booleans())
    def types(self, how: str, who: int | None, which: int, ahead: int, noted: bool) -> None:
        """A follow-up is typed into the calendar: of somebody new, or (``who``) of somebody who is known."""
        if self.room.personality and self.room.personality.cut:
            return  # whose lists never tell of it
        if len(self.people) + sum(act.what is Captured and not (act.found or act.maybe) for act in self.ledger.acts) >= 5 and who is None:
            return
        target = list(self.room.servers)[which % len(self.room.servers)]
        self._type_anew(target, how, who, ahead, noted)

    @rule(kind=st.sampled_from(list(OWN)), which=pick, ahead=st.integers(1, 9))
    def types_own(self, kind: str, which: int, ahead: int) -> None:
        """What the rep types there that is none of our business."""
        target = list(self.room.servers)[which % len(self.room.servers)]
        self.number += 1
        title, more = (text.format(number=self.number) for text in OWN[kind])
        day, start = self._slot(ahead)
        href = self.app(target).type("timed", title, day, start, self.number, kind=more)
        self.foreign[target] |= {href: self.room.servers[target].entries[href]}
        if not more:
            self.own[href] = target

    @rule(which=pick)
    def renames(self, which: int) -> None:
        """What was none of our business gets the title of a follow-up."""
        if self.own and len(self.people) < 5 and not (self.room.personality and self.room.personality.cut):
            href, target = sorted(self.own.items())[which % len(self.own)]
            server = self.room.servers[target]
            item = server.phone_item(href, ZONE)
            if item.start.date() <= self.room.now.date():
                return
            del self.own[href], self.foreign[target][href]
            name, title = self._new_title()
            server.phone_edit(href, title=title)
            self._will_be_captured(href, target, name, "", title, (item.start.date(), item.start))

    def _type_anew(self, target: str, how: str, who: int | None, ahead: int, noted: bool) -> None:
        day, start = self._slot(ahead)
        name, title = self._new_title()
        prospect = ""
        if who is not None:
            if how == "undated" or (known := self._open_by_name(who)) is None:
                return
            prospect, name = known.id, re.sub("[^a-z0-9]+", "-", known.name.lower())
            title = f"Call {known.name} to talk about point {self.number}"
        note = f"note-{self.number}" if noted else ""
        href = self.app(target).type(how, title, day, start, self.number, note=note)
        agreed = {"timed": (day, start), "undated": None}.get(how, (day, None))
        self._will_be_captured(href, target, name, prospect, title, agreed, note)

    def _will_be_captured(self, href: str, target: str, name: str, prospect: str, title: str, agreed: object, note: str = "") -> None:
        """``prospect``: of somebody who is known; closed in the meantime, they are open again."""
        self.typed[href] = target
        who = prospect or name
        more = {"name": name, "since": len(self.room.history(who))}
        acts = [Act(Reopened if prospect else Captured, who, "", href, title, maybe=bool(prospect), **more)]
        acts += [Act(Promised, who, "", href, agreed, **more)] if agreed else []
        acts += [Act(Noted, who, "", href, note, **more)] if note else []
        self.ledger.typed |= {note, FOOTER}
        self.ledger.acts += acts

    def _new_title(self) -> tuple[str, str]:
        """The id of somebody nobody knows yet, and a follow-up with them."""
        self.number += 1
        return f"typed-{self.number}", f"Call Typed {self.number} to determine next steps – 313.555.{self.number:04}"

    def _open_by_name(self, who: int) -> Prospect | None:
        found = [one for one in self._prospects() if not self._closed(one.id)]
        names = [one.name for one in found]
        found = [one for one in found if names.count(one.name) == 1]
        return found[who % len(found)] if found else None

    def _closed(self, prospect: str) -> bool:
        with self.room.store.reading() as tx:
            return tx.outcome(prospect) is not None

    def _slot(self, ahead: int) -> tuple[Any, datetime]:
        self.number += 1
        minute, second = divmod(self.number, 60)
        day = self.room.now.date() + timedelta(days=ahead)
        return day, datetime.combine(day, time(8 + ahead, 1 + minute % 4, second), ZONE)

    @rule(which=pick, ahead=st.integers(-1, 6), hour=st.integers(7, 18))
    def move(self, which: int, ahead: int, hour: int) -> None:
        found = self.entry(which)
        if found and found[1] not in self.copied:  # else the copy would stand at a time of its own, as another agreement
            target, href, item, row = found
            self.number += 1
            minute, second = divmod(self.number, 60)
            day = self.room.now.date() + timedelta(days=ahead)
            start = datetime.combine(day, time(hour, 1 + minute % 4, second), ZONE)  # never an hour that we would choose
            self.room.servers[target].phone_move(href, start)
            at = self.room.servers[target].phone_item(href, ZONE).start  # what is of a whole day has no hour
            if at == item.start:
                return  # a task that stood on that day already
            self.ledger.forget(href, Moved)
            if ahead >= 0:  # else its day is over, and nothing is meant by it
                self.act(Moved, href, item, row, at, maybe=bool(dropped := self._asked_about(row)))
                for what, detail in ((Restored, None), (Moved, at)) if row and dropped else ():
                    self.ledger.did(Act(what, row.prospect, dropped, f"{href} asks", detail, maybe=True))

    def _agreed_with(self, prospect: str) -> Mapping[str, object]:
        """What is agreed and waits for its turn, by action."""
        known = next((one for one in self._prospects() if one.id == prospect), None)
        return standing(known, self.room.history(prospect)).agreements if known else {}

    def _asked_about(self, row: Written | None) -> str:
        """The deleted action that the entry asks about: on another day, it says when."""
        known = next((one for one in self._prospects() if row and one.id == row.prospect), None)
        where = standing(known, self.room.history(known.id)) if known else None
        return where.dropped if where and row and row.action == where.opened else ""

    @rule(which=pick, html=st.booleans())
    def note(self, which: int, html: bool = False) -> None:
        """``html``: in a web calendar, which makes a page of all the notes."""
        if found := self.entry(which):
            target, href, item, row = found
            self.number += 1
            text = f"note-{self.number}"
            self.ledger.typed.add(text)
            first, _, rest = item.body.partition("\n")
            answered = self.ledger.answered_on_phone(href)
            below = answered or any(act.what is Unclear for act in self.ledger.pending(href))  # the first line is the answer, or may be
            body = f"{first}\n{text}\n{rest}" if below else f"{text}\n{item.body}"
            page = "<html-blob>" + "<br>".join(escape(line) for line in body.split("\n")) + "</html-blob>"
            self.room.servers[target].phone_edit(href, body=page if html else body)
            self.act(Noted, href, item, row, text)

    @rule(which=pick, word=st.sampled_from(list(ANSWERS)), in_notes=st.booleans())
    def answer(self, which: int, word: str, in_notes: bool) -> None:
        if found := self.entry(which):
            target, href, item, row = found
            if self._answerable(href, item):
                self._type(target, href, item, word, in_notes)
                self.act(Touched, href, item, row, ANSWERS[word], said="left message" if "left" in word else "")

    @rule(which=pick, word=st.sampled_from(["done:", "x,", "left message:"]), in_notes=st.booleans())
    def answer_with_note(self, which: int, word: str, in_notes: bool) -> None:
        """Both in one line."""
        if found := self.entry(which):
            target, href, item, row = found
            if self._answerable(href, item):
                self.number += 1
                note = f"note-{self.number}"
                self._type(target, href, item, f"{word} {note}", in_notes)
                self.ledger.typed.add(note)
                self.act(Touched, href, item, row, ANSWERS[word[:-1]], said="left message" if "left" in word else "")
                self.act(Noted, href, item, row, note)

    @rule(which=pick, ahead=st.integers(1, 9))
    def waits(self, which: int, ahead: int) -> None:
        if found := self.entry(which):
            target, href, item, row = found
            if self._answerable(href, item):
                day = self.room.now.date() + timedelta(days=ahead)
                text = f"until {day:%b} {day.day} {day.year}"
                self._type(target, href, item, f"waiting {text}", in_notes=True)
                self.ledger.typed |= {text, f"waiting {text}"}
                self.act(Touched, href, item, row, Result.DONE)
                self.act(Waiting, href, item, row, day)

    @rule(which=pick, word=st.sampled_from(["yes", "no", "x", "done", ">"]), ahead=st.integers(1, 9))
    def adds_to_a_record(self, which: int, word: str, ahead: int) -> None:
        """Another answer, or an agreement, in an entry that was answered before."""
        if found := self.entry(which):
            target, href, item, row = found
            record = row and row.state is State.RECORDED and row.agreed and not is_given_back(row) and (is_record(item) or item.done)
            if not record or self.ledger.pending(href) or href in self.copied:
                return
            line = f"> {self._promise_text(ahead)}" if word == ">" else word
            self._type(target, href, item, line, in_notes=True)
            self.ledger.typed |= {line, line.removeprefix("> ")}
            assert row
            if word == ">":
                day = self.room.now.date() + timedelta(days=ahead)
                what, detail = Promised, (day, datetime.combine(day, time(14), ZONE))
            else:
                what, detail = Touched, ANSWERS[word]
            self.ledger.did(Act(what, row.prospect, row.action, href, detail, line=line))

    @rule(which=pick, ahead=st.integers(1, 9), in_notes=st.booleans())
    def agree(self, which: int, ahead: int, in_notes: bool) -> None:
        if found := self.entry(which):
            target, href, item, row = found
            if self._answerable(href, item):
                self._type(target, href, item, f"> {self._promise_text(ahead)}", in_notes)
                self.ledger.typed.add(self._promise_text(ahead))
                day = self.room.now.date() + timedelta(days=ahead)
                self.act(Touched, href, item, row, Result.NEXT)
                self.act(Promised, href, item, row, (day, datetime.combine(day, time(14), ZONE)))

    @rule(which=pick, doubt=st.none() | st.sampled_from(DOUBTS))
    def mumble(self, which: int, doubt: str | None = None) -> None:
        """An answer that names no day, or (``doubt``) one that cannot be relied on."""
        if found := self.entry(which):
            target, href, item, row = found
            if self._answerable(href, item) and not self.ledger.pending(href):
                self.number += 1
                line = f"{doubt} {self.number}" if doubt else f"> sometime {self.number}"
                self._type(target, href, item, line, in_notes=True)
                self.ledger.typed.add(line)
                self.act(Unclear, href, item, row, line.removeprefix("> "))

    @rule(which=pick)
    def tick(self, which: int) -> None:
        if found := self.entry(which):
            target, href, item, row = found
            if self._answerable(href, item):
                self.room.servers[target].phone_tick(href)
                self.act(Touched, href, item, row, Result.DONE if item.form is Form.TASK else Result.YES)

    @rule(which=pick)
    def delete(self, which: int) -> None:
        if found := self.entry(which):
            target, href, item, row = found
            if href in self.copied:
                return
            cut = self.room.personality and self.room.personality.cut  # then nobody ever tells that it is back
            if not (is_record(item) or item.done or cut or self.ledger.pending(href)):
                self.bin[href] = (target, self.app(target).keep(href))
            self.room.servers[target].phone_delete(href)
            self.ledger.is_deleted(href)
            self.wiped.add(href)
            if row and row.agreed:
                self.deleted.add(f"{target} {href}")
            if row:  # what no answer has confirmed yet may count as never made, and is made again
                promised = href in self.typed or Kind.PROMISE in (item.kind, row.ours and row.ours.kind)  # some servers drop our marks
                others = [name for name in self.room.servers if name != target and promised]
                self.act(Dismissed, href, item, row, maybe=bool(others) or not (row.agreed and self._is_planned(row)))
                for other in others:  # where it still stands there when this is believed, the rep is asked which is meant
                    self.act(Unclear, href, item, row, f"gone from {target}, not from {other}", maybe=True)

    def _is_planned(self, row: Written) -> bool:
        """Else its entry only waits to be removed."""
        cycle = self.room.new_cycle()
        with self.room.store.reading() as tx:
            known = tx.prospect(row.prospect)
            found = stance(known, tx.history(row.prospect), cycle.rules, cycle.rep, self.room.now).actions if known else ()
        return any(one.id == row.action for one in found)

    @rule(which=pick)
    def out_of_the_bin(self, which: int) -> None:
        """What was deleted is taken out of the phone's bin. While it is asked about, that is an answer; later it is not wanted any more."""
        if not self.bin:
            return
        href, (target, text) = sorted(self.bin.items())[which % len(self.bin)]
        del self.bin[href]
        with self.room.store.reading() as tx:
            row = next((row for row in tx.written("dana", target, everything=True) if row.href == href), None)
        if row is None or href in self.room.servers[target].entries:
            return
        self.ledger.forget(href, Dismissed)
        self.deleted.discard(f"{target} {href}")
        self.app(target).put_back(href, text)
        self.anew.add(href)
        self.ledger.did(Act(Restored, row.prospect, row.action, href, maybe=True))

    @rule(which=pick)
    def written_anew(self, which: int) -> None:
        """The way some phones change an entry: it is deleted, and a moment later it stands there again. Done twice before anybody has read
        that it is back, it cannot be told from a deletion that held all the time."""
        if not (found := self.entry(which)) or (found[3] and found[3].gone_at):
            return
        target, href, item, row = found
        action = self.room.action(item.prospect) if item.prospect else None
        if (
            row
            and row.state is State.OPEN
            and action
            and action.id == row.action
            and not self.ledger.pending(href)
            and href not in self.copied
        ):
            text = self.app(target).keep(href)
            self.room.servers[target].phone_delete(href)
            self.cycle()
            self.app(target).put_back(href, text)
            self.anew.add(href)

    def tug_of_war(self, which: int) -> None:
        """Another program takes the title away, again and again."""
        for _ in range(10):
            if found := self.entry(which):
                target, href, _, _ = found
                self.room.servers[target].phone_edit(href, title="")
                self.room.now += MINUTES
                before = self.room.writes()
                self.cycle()
                self.tugs += self.room.writes() - before
        assert self.tugs <= SAME_A_DAY, "it goes on for ever"

    def store_is_lost(self) -> None:
        """And the same prospects are imported again. What the calendars still tell is read once more; no entry may stand twice."""
        self.read_all()
        before = {target: sorted(self.room.open_items(target=target)) for target in self.room.servers}
        people = self._prospects()
        self.room.lose_the_store()
        self.ledger = Ledger(self.ledger.cached)
        for one in people:
            with self.room.store.writing() as tx:
                tx.capture(one, Captured(self.room.now, "import"))
        self._until_good()
        for one in people:
            self.ledger.skip(one.id, self.room.history(one.id))
        assert {target: sorted(self.room.open_items(target=target)) for target in self.room.servers} == before

    @rule(which=pick)
    def duplicate(self, which: int) -> None:
        if found := self.entry(which):
            target, href, item, _ = found
            if not item.prospect:
                return  # typed and not written yet: a copy of that is another capture
            self.number += 1
            if copy := self.app(target).copy(href, self.number):
                self.copied.add(href)
                self.foreign[target] |= {copy: self.room.servers[target].entries[copy]}

    def _answerable(self, href: str, item: Item) -> bool:
        """A second answer beside one that is still to be read is weighed with it: tests/core/test_edits.py says how."""
        asks = any(act.what is Unclear for act in self.ledger.pending(href))
        return not (is_record(item) or item.done or asks or self.ledger.answered_on_phone(href))

    def _type(self, target: str, href: str, item: Item, text: str, in_notes: bool) -> None:
        how = {"body": f"{text}\n{item.body}"} if in_notes else {"title": f"{text} {item.title}"}
        if not in_notes and text.startswith(">"):
            how = {"title": text}
        self.room.servers[target].phone_edit(href, **how)

    def _promise_text(self, ahead: int) -> str:
        day = self.room.now.date() + timedelta(days=ahead)
        return f"{day:%b} {day.day} {day.year} 2pm call to agree on the price"

    # --- time

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self._read_promises()
        self.room.now = (self.room.now.astimezone() + timedelta(hours=hours)).astimezone(ZONE)

    @rule(days=st.integers(1, 12), hour=st.integers(6, 18))
    def days_pass(self, days: int, hour: int) -> None:
        self._read_promises()
        self.room.now = datetime.combine(self.room.now.date() + timedelta(days=days), time(hour, 2), ZONE)

    def minutes_pass(self) -> None:
        self.room.now += MINUTES

    def _read_promises(self) -> None:
        """An agreed day that has passed before anybody read it is not understood any more, and rightly so."""
        if any(act.what in (Promised, Waiting) and not act.found for act in self.ledger.acts):
            if self.room.personality and self.room.personality.cache:
                self.room.now += MINUTES  # until then its lists are of before
            self.read_all()

    def read_all(self) -> None:
        """Whatever the server keeps back until everything is listed is told now."""
        self._heal()
        if self._tells_late:
            self.room.list_everything()
        self._until_good()
        self.nothing_is_deleted_that_is_wanted()  # by the clock of now: what waited may be its turn tomorrow
        self.anew.clear()

    def _waits_for_a_deletion(self) -> bool:
        with self.room.store.reading() as tx:
            rows = tx.written("dana")
        again = [row.unread and (not row.trouble or bool(row.retry_at and row.retry_at <= self.room.now)) for row in rows]
        return any(again) or any(row.gone_at for row in rows)

    def _until_good(self, **how: Any) -> Report:
        """Some servers want a pause now and then."""
        for _ in range(QUIET):
            report = self.room.cycle(force=True, **how)
            with self.room.store.reading() as tx:
                doubted = Counter(row.target for row in tx.written("dana") if is_doubted(row))
            healed = {name: replace(one, quarantined=one.quarantined - doubted[name]) for name, one in report.targets.items()}
            if replace(report, targets=healed).ok:
                self.held.clear()
                return report
        raise AssertionError(f"it does not become good: {report}")

    # --- the daemon, and what happens to it

    @rule()
    def cycle(self) -> None:
        if self.room.cycle(force=True).ok:
            self.held.clear()
        self._heal()

    @rule(which=pick, how=st.sampled_from(["before", "after", "reads"]), number=st.integers(1, 5))
    def broken_cycle(self, which: int, how: str, number: int) -> None:
        """The n-th write does not arrive, or its answer does not; or reading fails."""
        setattr(self._server(which).faults, how, number)
        self.cycle()

    @rule(number=st.integers(1, 30))
    def killed_cycle(self, number: int) -> None:
        self.room.dying_cycle(Death(number))

    @precondition(lambda self: self.room.personality is not None)
    @rule(number=st.integers(1, 12), what=st.sampled_from(["move", "note", "answer", "tick", "delete", "types"]), which=pick)
    def cycle_with_a_rep(self, number: int, what: str, which: int) -> None:
        """The rep does something on the phone while a cycle asks and writes."""
        acts = {
            "move": lambda: self.move(which, 2, 11),
            "note": lambda: self.note(which),
            "answer": lambda: self.answer(which, "done", in_notes=False),
            "tick": lambda: self.tick(which),
            "delete": lambda: self.delete(which),
            "types": lambda: self.types("timed", None, which, 2, noted=True),
        }
        waiting = [number]

        def moment(place: str, method: str, path: str) -> None:
            """Where a server cannot refuse to overwrite, nobody can help the rep between a look and the write that follows it."""
            if self.room.guards or (place == "before" and method in ("REPORT", "PROPFIND")):
                waiting[0] -= 1
                if waiting[0] == 0:
                    self.ledger.reading = True
                    acts[what]()
                    self.ledger.reading = False

        self.room.host.moment = moment
        try:
            self.cycle()
        finally:
            self.room.host.moment = lambda place, method, path: None

    @rule(which=pick)
    def cursor_expires(self, which: int) -> None:
        self._server(which).forget_tokens()

    @precondition(lambda self: all(act.found for act in self.ledger.acts))
    @rule(which=pick, cut=st.integers(0, 3))
    def listing_is_cut(self, which: int, cut: int) -> None:
        """The long listing after an expired cursor leaves entries out without a word."""
        self._server(which).forget_tokens()
        self._server(which).faults.cut = cut
        self.cycle()

    @rule()
    def settle(self) -> None:
        """Quiet cycles: after some of them everything stands, and from then on a cycle is one request that writes nothing, also where it
        is made to work everything out again."""
        self.read_all()
        for _ in range(QUIET):
            before = self.room.writes()
            self.room.now += MINUTES
            self._until_good()
            if self.room.writes() == before and not self._waits_for_a_deletion():
                break
        else:
            raise AssertionError("it goes on and on writing")
        with self.room.quiet():
            report = self._until_good(thorough=True)
        requests = {name: one.requests for name, one in report.targets.items()}
        assert requests == {name: self.app(name).requests for name in requests}
        histories = {one: self.room.history(one) for one in {*self.people, *(act.prospect for act in self.ledger.acts)}}
        self.facts_are_the_reps()
        self.records_stay()
        assert (missing := self.ledger.missing(histories, self.room.now)) == [], missing
        for prospect in self._prospects():
            self._stands_as_it_should(prospect)
            self._asks_as_it_should(prospect.id)
        self._plans_the_same_in_any_order()
        self._what_was_typed_is_managed()

    def live(self, *life: tuple[str, dict[str, Any]], personality: str = "memory", two: bool = False) -> None:
        """One life that is told instead of drawn, looked at after every step as the drawn ones are."""
        self.start(two=two, personality=personality, begin=BEGINNINGS[0])
        for name, how in life:
            getattr(self, name)(**how)
            self.look()

    def look(self) -> None:
        self.facts_are_the_reps()
        self.at_most_one_open_action()
        self.at_most_one_page()
        self.what_was_deleted_stays_deleted()
        self.records_stay()
        self.foreign_entries_are_untouched()
        self.only_our_own_names_are_written()
        self.nothing_is_deleted_that_is_wanted()

    # --- what must hold

    @invariant()
    def facts_are_the_reps(self) -> None:
        for one in self._prospects() if hasattr(self, "room") else ():
            if one.id not in self.people:
                assert self.ledger.expects(one.id), f"nobody captured {one}"
                self.people.append(one.id)
        for prospect in self.people:
            self.ledger.reconcile(prospect, self.room.history(prospect))

    @invariant()
    def at_most_one_open_action(self) -> None:
        for target in self.room.servers if self.people else ():
            found = self.room.open_items(target=target).items()
            told = [(href, item) for href, item in found if href not in self.anew]  # else nobody has read yet that it is back
            told = [(href, item) for href, item in told if not self._was_held_up(target, href, item)]
            open_ones = [
                item.prospect for href, item in told if not (self.ledger.answered_on_phone(href) or self._asks_what_was_meant(item))
            ]
            assert len(open_ones) == len(set(open_ones)), f"two open actions on {target}: {sorted(open_ones)}"

    def _was_held_up(self, target: str, href: str, item: Item) -> bool:
        """Whether it was to go in the last cycle, and the rep was faster: it is read first. Nobody can hold back meanwhile what the rep
        typed for the same person."""
        row = self._row(target, href)
        typed = [one for one, where in self.typed.items() if where == target and one != href]
        others = self.room.items(target)
        beside = any(one in others and others[one].prospect == item.prospect for one in typed)
        if beside and row and row.removing:
            self.held.add(href)
        return beside and href in self.held

    @invariant()
    def at_most_one_page(self) -> None:
        for target in self.room.servers if self.people else ():
            assert len(self.room.pages(target)) <= 1, f"two pages of the day on {target}"

    @invariant()
    def what_was_deleted_stays_deleted(self) -> None:
        for target in self.room.servers if self.people else ():
            back = {f"{target} {href}" for href in self.room.servers[target].entries} & self.deleted
            assert not back, f"resurrected: {back}"

    @invariant()
    def records_stay(self) -> None:
        """What the rep answered is the rep's record: it goes only if the rep deletes it. Where the opposite was said elsewhere at the same
        moment nothing was answered, and it goes like any other when something else is agreed."""
        standing = {href for server in self.room.servers.values() for href in server.entries} if self.people else set()
        for act in self.ledger.acts:
            if act.what is Touched and act.href not in self.wiped and act.href not in standing:
                history = self.room.history(act.prospect)
                nothing = any(isinstance(one, Contradicted) and one.action == act.action for one in history)
                assert nothing, f"a record is gone: {act}"

    @invariant()
    def foreign_entries_are_untouched(self) -> None:
        for target, before in self.foreign.items() if self.people else ():
            server = self.room.servers[target]
            assert {href: server.entries.get(href) for href in before} == before

    @invariant()
    def only_our_own_names_are_written(self) -> None:
        """And nothing is sent that would make a server send mail."""
        for server in self.room.servers.values() if self.people else ():
            if self.room.personality:  # the memory calendar notes down none of that
                strange = {href for href in server.written if not href.rpartition("/")[2].startswith(OURS)}
                assert strange <= self.typed.keys(), strange
                assert server.mailed == []

    @invariant()
    def nothing_is_deleted_that_is_wanted(self) -> None:
        """An entry that we removed stood for something that is no longer to be done, or that its deletion elsewhere had ended: a rep who
        answers the question about that while the cycle goes on brings it back."""
        for server in self.room.servers.values() if self.people else ():
            removed, server.removed = getattr(server, "removed", []), []
            for href, mark in removed:
                if mark and href not in self.wiped and (action := self.room.action(mark["PROSPECT"])):
                    brought_back = self._dismissed_since(self.looked, mark["PROSPECT"], mark["ACTION"])
                    assert action.id != mark["ACTION"] or brought_back, f"{href} was removed without a cause"
        if self.people:
            self.looked = self.room.now

    def _dismissed_since(self, then: datetime, prospect: str, action: str) -> bool:
        told = (one for one in self.room.history(prospect) if isinstance(one, Dismissed) and one.action == action)
        return any(one.at >= then for one in told)

    def _plans_the_same_in_any_order(self) -> None:
        cycle = self.room.new_cycle()
        with self.room.store.reading() as tx:
            plain = picture(tx, cycle.rules, cycle.rep, cycle.names, (), self.room.now)
            turned = picture(Turned(tx), cycle.rules, cycle.rep, cycle.names, (), self.room.now)
        assert plain.placed == turned.placed

    def _asks_what_was_meant(self, item: Item) -> bool:
        """That question stands beside the next action."""
        history = self.room.history(item.prospect)
        unclear = {(one.action, one.text) for one in history if isinstance(one, Unclear | Contradicted)}
        either = [one for one in history if isinstance(one, Unclear) and one.either]  # what waits is asked about without what is done
        unclear |= {(one.action, "; ".join(one.either[done:])) for one in either for done in range(len(one.either))}
        again = {(one.action,) for one in history if isinstance(one, Touched)}
        return item.action in {action_id(item.prospect, "unclear", *key) for key in unclear | again}

    def _stands_as_it_should(self, prospect: Prospect) -> None:
        history = self.room.history(prospect.id)
        action = self.room.action(prospect.id)
        today = self.room.now.date()
        for target in self.room.servers:
            everything = self.room.open_items(prospect.id, target).values()
            standing = [item for item in everything if not self._asks_what_was_meant(item)]
            assert len(everything) - len(standing) <= 1
            if action and self._is_doubted(target, action.id):
                assert standing == [], "it was deleted there"
                continue
            assert [item.action for item in standing] == ([action.id] if action else []), f"{prospect.id} on {target}"
            if action is None:
                continue
            moved, agreed = last_move(history, action.id), open_promise(history)
            if moved and moved.astimezone(ZONE).date() >= today:
                assert _stands_at(standing[0], moved), "moved back"
            elif agreed and agreed.day >= today and not moved:
                assert standing[0].start.astimezone(ZONE).date() == agreed.day, "the promise's day changed"
                assert agreed.start in (None, standing[0].start), "the promise's hour changed"

    def _is_doubted(self, target: str, action: str) -> bool:
        """Whether it is gone there and stands on the other target."""
        with self.room.store.reading() as tx:
            return any(row.action == action and is_doubted(row) for row in tx.written("dana", target))

    def _asks_as_it_should(self, prospect: str) -> None:
        """The question what was meant stands beside an action that is none of ours to ask about, until it is answered."""
        history, action = self.room.history(prospect), self.room.action(prospect)
        wanted = question(prospect, history)
        if action is None or action.kind is Kind.DECIDE or wanted is None:
            return
        for target in self.room.servers:
            stands = any(self._asks_what_was_meant(item) for item in self.room.open_items(prospect, target).values())
            assert stands == wanted, f"{prospect} is asked: {stands}"

    def _what_was_typed_is_managed(self) -> None:
        """The same entry, not another one beside it."""
        for href, target in self.typed.items():
            if href in self.room.servers[target].entries:
                assert self._row(target, href), f"{href} is not managed"

    # --- small parts

    @property
    def _tells_late(self) -> bool:
        return bool(self.room.personality and self.room.personality.tells_late)

    def _server(self, which: int) -> MemoryServer:
        return list(self.room.servers.values())[which % len(self.room.servers)]

    def _prospects(self) -> list[Prospect]:
        with self.room.store.reading() as tx:
            return tx.prospects("dana")

    def _heal(self) -> None:
        for server in self.room.servers.values():
            server.faults = replace(Faults(), **self.personality)

    def _foreign(self, target: str) -> dict[str, tuple[str, str]]:
        return dict(self.room.servers[target].entries)


def _stands_at(item: Item, moment: datetime) -> bool:
    """Some calendars know no hours of tasks."""
    if item.form is Form.TASK and item.all_day:
        return item.start.astimezone(ZONE).date() == moment.astimezone(ZONE).date()
    return item.start == moment
