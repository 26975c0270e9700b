"""The whole job on this machine, with nothing installed elsewhere: prospects in, one sync, a rep who answers on the phone, what came of it.

Everything goes the way it goes in earnest: the real config, importer, store, cycle and CalDAV; only the server and the rep are ours.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as hour
from pathlib import Path
from typing import Protocol

from followsync import addresses, feeds
from followsync.config import Settings, load
from followsync.core.cadence import Form
from followsync.core.history import Kind
from followsync.core.placement import Placed
from followsync.cycle import Cycle, Report
from followsync.demo import sample
from followsync.demo.phone import Phone, subscribed
from followsync.demo.server import free_port, serving
from followsync.errors import UsageError
from followsync.importer import apply, preview, read_leads
from followsync.picture import Picture
from followsync.rules import rep_rules
from followsync.store import Store
from followsync.vitals import Inside, Vitals

REP, TARGET = "dana", "phone"
Serve = Callable[[Inside], AbstractContextManager[object]]
_PASSWORD = "demo"  # noqa: S105 - the server takes any; it listens on this machine only


class Screen(Protocol):
    """Where the demo tells its story."""

    def say(self, sentence: str = "") -> None: ...

    def table(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None: ...


def _ourselves() -> str:
    """What to type to run this program again: it may stand in an environment that is on no path."""
    return "followsync" if shutil.which("followsync") else str(Path(sys.prefix, "bin", "followsync"))


@dataclass(frozen=True, slots=True)
class Gesture:
    """What the rep did to which action, in words, and how the phone does it."""

    placed: Placed
    words: str
    do: Callable[[Phone, str], None]


class Demo:
    """One demo in ``folder``. ``clock`` gives aware times. ``open_store`` opens the store that the settings name."""

    def __init__(
        self, folder: Path, clock: Callable[[], datetime], open_store: Callable[[Settings], Store], serve: Serve, screen: Screen
    ) -> None:
        self.folder, self.clock, self.screen = folder, clock, screen
        self._open_store, self._serve = open_store, serve
        self.settings: Settings
        self.store: Store

    def play(self, keep: Callable[[Settings], object] | None) -> None:
        """``keep``: what to do at the end while the server still runs; None ends the demo."""
        with serving(self.folder) as url, self._prepared(url):
            self._import()
            self._first_sync()
            self._answer(url)
            self._feed()
            self._where_to_look(url, keep=keep is not None)
            if keep:
                keep(self.settings)

    @contextmanager
    def _prepared(self, url: str) -> Iterator[None]:
        today = self.clock().date()
        _write(self.folder / "config.yaml", sample.CONFIG.format(url=url, zone=sample.ZONE, port=free_port()))
        _write(self.folder / "password", _PASSWORD)
        _write(self.folder / "pipeline.csv", sample.pipeline(today))
        _write(self.folder / "private.ics", sample.private_calendar(today))
        self.settings = load(self.folder / "config.yaml")
        self.store = self._open_store(self.settings)
        self.screen.say(f"A calendar server runs at {url}, on this machine only.")
        try:
            yield
        finally:
            self.store.close()

    # --- the story

    def _import(self) -> None:
        file = self.folder / "pipeline.csv"
        rules = rep_rules(self.settings, REP)
        leads = read_leads(file.read_bytes(), str(file), rules.region)
        with self.store.writing() as tx:
            found = preview(tx, leads, rep=REP, region=rules.region)
            apply(tx, found, now=self.clock())
        self.screen.say(f"1. {len(found.create)} prospects came in from pipeline.csv, as with 'followsync import'.")

    def _first_sync(self) -> None:
        done = self._sync().targets[TARGET]
        self.screen.say(f"2. One sync wrote {done.created} follow-ups into the calendar, one for each prospect,")
        self.screen.say("   around the doctor, the golf league and the happy hour. The next ones:\n")
        picture = self._picture()
        self._agenda(picture, picture.placed[:10])

    def _answer(self, url: str) -> None:
        before = self._picture()
        gestures = _gestures(before)
        hrefs = {row.action: row.href for row in before.rows if row.target == TARGET}
        self.screen.say("\n3. Now Dana answers on the phone, in the calendar alone:\n")
        with Phone(url, REP, _PASSWORD) as phone:
            for one in gestures:
                one.do(phone, hrefs[one.placed.action.id])
        self.screen.table(("ON THE PHONE DANA", "THE ENTRY"), [(one.words, before.item(one.placed).title) for one in gestures])
        self._sync()
        self.screen.say("\n4. The next sync read that, understood it, and planned what comes next:\n")
        after = self._picture()
        self.screen.table(("DANA", "NOW", "WHEN", "WHY"), [self._outcome(one, after) for one in gestures])
        self.screen.say("\n5. The agenda of the next days, as the phone shows it:\n")
        self._agenda(after, after.placed[:10])

    def _feed(self) -> None:
        """Made and published as ``feed add`` does it, and read as a subscriber does."""
        secret = addresses.secret()
        with self.store.writing() as tx:
            tx.add_feed(feeds.new("demo", REP, secret, redacted=False))
        cycle = Cycle(self.settings, REP, self.store, self.clock())
        cycle.publish_feeds(cycle.busy(local=True))
        url = f"http://{self.settings.feed.listen}/feed/{secret}.ics"
        with self._serve(Inside(lambda: self.settings, self.store, self.clock, Vitals(time.monotonic))):
            entries = subscribed(url)
        self.screen.say(f"\n6. The same as a feed for whoever may look on; a calendar that subscribed to it got {entries} entries:\n")
        self.screen.say(f"   {url}")

    def _outcome(self, gesture: Gesture, after: Picture) -> tuple[str, ...]:
        prospect = gesture.placed.action.prospect
        with self.store.reading() as tx:
            known, closed = tx.prospect(prospect), tx.outcome(prospect)
        placed = after.next_action(prospect)
        if closed or placed is None:
            name = known.name if known else prospect
            return gesture.words, f"{name}: closed with {closed}", "", "The event stays as the record."
        return gesture.words, after.item(placed).title, _moment(placed.start), placed.why[-1] if placed.why else ""

    def _where_to_look(self, url: str, *, keep: bool) -> None:
        self.screen.say(f"\nEverything is in {self.folder}:")
        for name, what in (
            ("config.yaml", "the rules; change them, and 'followsync plan' shows what would move"),
            ("pipeline.csv", "the 30 prospects"),
            ("follow-ups.ics", "the same agenda as a file that any calendar program opens"),
            ("followsync.db", "the store: prospects and what happened"),
        ):
            self.screen.say(f"   {name:<15} {what}")
        path = self.folder / "config.yaml"
        self.screen.say(f"\nLook around: {_ourselves()} --config {path} list")
        if keep:
            self.screen.say(f"The server, the daemon and the feed go on. Add {url} (user dana, password {_PASSWORD}) to a calendar")
            self.screen.say("program, move something, and see. Ctrl-C ends it.")

    # --- the job

    def _sync(self) -> Report:
        report = Cycle(self.settings, REP, self.store, self.clock()).run(force=True)
        for name, one in report.targets.items():
            if one.error:
                raise UsageError(f"The demo's sync with {name} failed: {one.error}")
        return report

    def _picture(self) -> Picture:
        cycle = Cycle(self.settings, REP, self.store, self.clock())
        busy = cycle.busy(local=True)
        with self.store.reading() as tx:
            return cycle.picture(tx, busy)

    def _agenda(self, picture: Picture, placed: Sequence[Placed]) -> None:
        rows = [
            (_moment(one.start), picture.item(one).title, one.action.kind.value, ", ".join(picture.targets(one.action.id)))
            for one in placed
        ]
        self.screen.table(("WHEN", "FOLLOW-UP", "KIND", "STANDS ON"), rows)


def run(
    folder: Path | None,
    *,
    clock: Callable[[], datetime],
    open_store: Callable[[Settings], Store],
    serve: Serve,
    screen: Screen,
    keep: Callable[[Settings], object] | None = None,
) -> None:
    """Play the demo in ``folder`` (an empty or new one; a new temporary one where it is None) and leave it there to look into.

    ``serve``: the web server, for as long as a block lasts (``followsync.web.serving``).
    ``keep``: called at the end while the server still runs. Raises UsageError where the folder is in use or Radicale is missing.
    """
    if folder is None:
        folder = Path(tempfile.mkdtemp(prefix="followsync-demo-"))
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} holds something already. The demo wants a new or an empty folder.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error.strerror}.") from None
    Demo(folder.absolute(), clock, open_store, serve, screen).play(keep)


def _gestures(picture: Picture) -> list[Gesture]:
    """Five answers of five kinds, each to an entry that fits it."""
    left = [one for one in picture.placed if one.action.kind is not Kind.DECIDE]
    now, workdays = picture.now, picture.rep.workdays

    def take(fits: Callable[[Placed], bool]) -> Placed:
        found = next((one for one in left if fits(one)), left[0])
        left.remove(found)
        return found

    def is_event(one: Placed) -> bool:
        return one.action.form is Form.EVENT

    ticked = take(lambda one: one.action.form is Form.TASK)
    moved = take(lambda one: is_event(one) and one.start.date() > picture.today)
    won = take(lambda one: is_event(one) and one.action.method == "call")
    agreed = take(lambda one: is_event(one) and one.action.method == "call")
    missed = take(lambda one: is_event(one) and one.action.method == "call")
    day = workdays.next_day(moved.start.date() + timedelta(days=1))
    to = workdays.at(day, hour(14, 30))
    soon = workdays.next_day(picture.today + timedelta(days=2))
    said = f"> {soon:%a} 2pm call to sign the papers"
    return [
        Gesture(ticked, "ticks the task", lambda phone, href: phone.tick(href, now)),
        Gesture(moved, f"moves it to {to:%a %H:%M}", lambda phone, href: phone.move(href, to)),
        Gesture(won, "puts 'yes' before the title", lambda phone, href: phone.type_before_title(href, "yes")),
        Gesture(agreed, f"types '{said}'", lambda phone, href: phone.type_into_notes(href, said)),
        Gesture(missed, "types 'no answer'", lambda phone, href: phone.type_into_notes(href, "no answer")),
    ]


def _moment(at: datetime) -> str:
    return f"{at:%a %b %d %H:%M}"


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="") as file:
        file.write(text)
