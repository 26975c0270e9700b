"""Each target tried live: is it found, may it be written, what does its server do, and does what is written stay as it is?

What is tried stands on the target's own calendar for a moment, takes nobody's time and is removed again. Nothing of it is remembered.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from followsync import health, ics
from followsync.accounts import remembered, renamed
from followsync.calendars import open_calendar
from followsync.calendars.base import Calendar, Changes, NoSuchCalendar, SeveralCalendars
from followsync.calendars.busy import busy_times
from followsync.calendars.probing import entry
from followsync.config.secret import exposed
from followsync.config.settings import BusySource, CalDavTarget, GoogleTarget, IcsTarget, Settings
from followsync.core.cadence import Form
from followsync.core.item import Item, dated
from followsync.core.operations import uid
from followsync.core.rewriting import explained, rewritten
from followsync.core.target import Capabilities, TargetState
from followsync.doctor.findings import Finding, State, bad, good, note
from followsync.doctor.served import feed
from followsync.doctor.service import readable, systemd
from followsync.errors import CalendarError, Changed, CursorExpired, Refused

__all__ = ["Finding", "State", "bad", "feed", "good", "http", "note", "readable", "systemd", "targets"]

_EVENT, _TASK = "doctor0000000000000000000e", "doctor0000000000000000000t"  # always the same, so that what a kill left behind is found
_NAMES = 8  # of an entry, that are tried where the first one stays taken
_QUIET = timedelta(hours=1)  # how long a cycle without news decides nothing
_MARKS = frozenset({"action", "prospect", "kind", "due"})  # they travel as X- properties


def http() -> Finding:
    """Which HTTP library carries the requests. ``niquests`` brings a urllib3 of its own that takes the place of the real one for the whole
    installation, and no package list shows it."""
    versions = f"requests {metadata.version('requests')} on urllib3 {metadata.version('urllib3')}"
    if find_spec("niquests") or find_spec("urllib3_future"):
        again = "pip install --no-deps --require-hashes -r requirements.lock"
        return bad("http", f"{versions}, but niquests replaces urllib3 here: install anew, with '{again}'.")
    return good("http", f"{versions}.")


def targets(settings: Settings, reps: list[str], states: Callable[[str, str], TargetState], now: datetime) -> dict[str, list[Finding]]:
    """Target or busy source -> what was found, for all that these reps use; each is tried once. ``now`` in any zone."""
    found: dict[str, list[Finding]] = {}
    for key in reps:
        rep = settings.reps[key]
        zone = ZoneInfo(rep.timezone)
        for name in rep.targets:
            if name not in found:
                one, state, local = settings.targets[name], states(key, name), now.astimezone(zone)
                if isinstance(one, IcsTarget):
                    found[name] = list(file(one, state, settings.sync.every, local))
                else:
                    found[name] = list(target(one, state, zone, local, tasks=settings.writes_tasks(one)))
        for name in rep.busy:
            if (where := name if name not in settings.targets else f"busy {name}") not in found:
                found[where] = [busy(name, settings.busy[name], zone, now)]
    return found


def busy(name: str, source: BusySource, zone: tzinfo, now: datetime) -> Finding:
    try:
        times = busy_times(source, now, now + timedelta(days=7), zone, name=name)
    except CalendarError as error:
        return bad("busy", f"{error}{_others(error)}")
    return good("busy", f"it is read; {len(times) or 'no'} appointment{'' if len(times) == 1 else 's'} in the next seven days.")


def _others(error: CalendarError) -> str:
    """Calendars of the person's own, which only this terminal may show."""
    if not isinstance(error, NoSuchCalendar | SeveralCalendars):
        return ""
    return f" {'It has' if isinstance(error, NoSuchCalendar) else 'They are'} {', '.join(error.others) or 'none'}."


def target(
    settings: CalDavTarget | GoogleTarget, state: TargetState, zone: tzinfo, now: datetime, *, tasks: bool = True
) -> Iterator[Finding]:
    """``zone``: the rep's; ``now`` in it. ``tasks``: some follow-ups are written as tasks."""
    yield from (note("secret", sentence) for sentence in exposed(settings))
    try:
        place = remembered(settings, state) if settings.type == "google" else ""  # where a calendar cannot be found by its name
        calendar = open_calendar(settings, zone=zone, clock=lambda: now, collection=place, tasks=tasks, before=renamed(settings, state))
    except CalendarError as error:
        yield bad("found", f"{error}{_others(error)}")
        return
    try:
        yield from examined(calendar, settings, state, now)
    finally:
        calendar.close()


def file(settings: IcsTarget, state: TargetState, every: timedelta, now: datetime) -> Iterator[Finding]:
    """May it be written, and was it, lately? ``every``: the time between two cycles; ``now`` in the rep's zone. A file that shows what is
    planned is left as it is, so its own date says nothing; that it was compared does. Without news that is done once an hour."""
    yield _writable(settings.path)
    if state.error:
        yield bad("fresh", state.error)
    elif state.last_good is None:
        yield note("fresh", "it was never written yet: the next sync writes it.")
    elif not os.path.exists(settings.path):
        yield bad("fresh", "it was written, and is not there any more: the next sync writes it again. Does something delete it?")
    elif state.last_good - now > _QUIET:
        when = f"{state.last_good.astimezone(now.tzinfo):%a %Y-%m-%d %H:%M}"
        yield bad("fresh", f"it is of {when}, as a clock said that was ahead: the next sync looks at it again.")
    elif now - state.last_good > max(3 * every, _QUIET + every):
        cycles = (now - state.last_good) // every
        yield bad(
            "fresh", f"it is of {state.last_good.astimezone(now.tzinfo):%a %Y-%m-%d %H:%M}, {cycles} cycles ago: does 'followsync run' run?"
        )
    else:
        yield good("fresh", f"it is of {state.last_good.astimezone(now.tzinfo):%a %Y-%m-%d %H:%M}.")


def _writable(path: Path) -> Finding:
    """It is written beside itself and then renamed, so the folder's rights count: of a link, that of the file it leads to."""
    try:
        return _writable_at(path, path.resolve())
    except (PermissionError, RuntimeError) as error:  # pathlib's for links in a circle
        why = "its links lead in a circle" if isinstance(error, RuntimeError) else "this user may not enter its folder"
        return bad("file", f"{path} cannot be written: {why}.")


def _writable_at(path: Path, place: Path) -> Finding:
    folder = place.parent
    if not folder.is_dir():
        return bad("file", f"{path} cannot be written: there is no folder {folder}. Make it, or put another path into the config.")
    if place.is_dir():
        return bad("file", f"{path} cannot be written: it is a folder. Put another path into the config.")
    if not os.access(folder, os.W_OK | os.X_OK) or (place.exists() and not os.access(place, os.R_OK)):
        return bad("file", f"{path} cannot be written: check the rights of {folder}.")
    return good("file", f"{path} can be written.")


def examined(calendar: Calendar, settings: CalDavTarget | GoogleTarget, state: TargetState, now: datetime) -> Iterator[Finding]:
    """A calendar that was found, from its address to what stays of what is written."""
    yield from _place(calendar, state)
    try:
        before = calendar.requests
        abilities = calendar.probe()
        tried = calendar.requests > before
        if tried:
            yield from _abilities(abilities)
        cursor = state.cursor if state.collection.rpartition("\n")[2] == calendar.collection else ""
        if (yield from _life(calendar, cursor, now)) and not tried:  # what Google can do is known, and said once it was seen to do it
            yield from _abilities(abilities)
        if calendar.capabilities.tasks is not False or isinstance(settings, CalDavTarget):
            yield from _tasks(calendar, settings.write, now, dates=isinstance(settings, GoogleTarget))
    except CalendarError as error:
        yield bad("rights" if isinstance(error, Refused) else "answers", str(error))
    yield from _clock(calendar)  # by now it was asked something, whatever it is
    if calendar.notice:
        yield bad("login", calendar.notice)


def _place(calendar: Calendar, state: TargetState) -> Iterator[Finding]:
    before = state.collection.rpartition("\n")[2]
    host = urlsplit(calendar.collection).hostname
    place = calendar.collection.partition("#")[0]
    if calendar.requests:
        yield good("found", f"{place}, in {calendar.requests} request{'' if calendar.requests == 1 else 's'}.")
    else:
        yield note("found", f"{place}, as the last sync knew it; nothing was asked for that.")
    if before and before.partition("#")[0] != calendar.collection.partition("#")[0]:
        yield bad("found", f"the last sync wrote to another calendar, {before}: the next one writes everything anew on {host}.")


def _clock(calendar: Calendar) -> Iterator[Finding]:
    if calendar.skew is None:
        yield note("clock", "the server does not say what time it is.")
        return
    try:
        sentence = health.skewed(calendar.skew, urlsplit(calendar.collection).hostname or "the server")
    except CalendarError as error:
        sentence = str(error)
    yield bad("clock", sentence) if sentence else good("clock", f"{abs(calendar.skew).total_seconds():.0f} seconds apart.")


def _abilities(found: Capabilities) -> Iterator[Finding]:
    yield good("rights", "an entry was written, read and removed.")
    if found.creates_safely:
        yield good("create", "the server refuses to overwrite where a new entry is made.")
    else:
        yield note("create", "this server overwrites without asking: FollowSync looks first, one request more for each new entry.")
    if found.writes_safely:
        yield good("change", "the server refuses to change or remove what somebody else changed meanwhile.")
    else:
        yield note("change", "this server changes and removes without comparing: FollowSync looks first, one request more for each write.")
    if found.etags:
        yield good("versions", "the server says at once which version it stored.")
    else:
        yield note("versions", "the server does not say reliably which version it stored: what is written is read back.")
    lost = found.rewrites & {"alarms"}
    if lost:
        yield bad(
            "alarms",
            "the server does not keep alarms as they are written: the phone may not ring. Set a default alarm in its calendar app.",
        )
    else:
        yield good("alarms", "they stay as they are written.")
    if found.rewrites & _MARKS:
        yield note("marks", "the server drops properties of ours (X-): after a loss of the store, entries cannot be told apart any more.")
    else:
        yield good("marks", "properties of ours (X-) stay.")
    others = sorted(name.partition("+")[0] for name in found.rewrites - _MARKS - {"alarms"})
    if others:
        yield note(
            "rewriting", f"the server changes what it is given ({', '.join(dict.fromkeys(others))}): that is not taken for the rep's edit."
        )


def _life(calendar: Calendar, cursor: str, now: datetime) -> Generator[Finding, None, bool]:
    """An entry written, told of, read, left alone, removed, and told of once more. ``cursor``: of the last sync, from where on is read.
    Answers whether all of that happened."""
    cursor = _everything(calendar, cursor, {}).cursor
    item, etag = _event(calendar, now)
    href = calendar.href(item.uid, item.form)
    try:
        told = _everything(calendar, cursor, {href: etag})
        yield _how_it_lists(told.cursor, told=href in told.listed)
        seen = calendar.read([href])[href]
        if seen is None or seen.item is None:
            yield bad("reading", f"what was written cannot be read back{f': {seen.trouble}' if seen else ''}.")
            return False
        sent = ics.cleaned(item)
        if explained(sent, seen.item, calendar.capabilities.rewrites):
            yield good("converges", "what was written is what is read, so a second sync writes nothing.")
        else:
            names = ", ".join(sorted({name.partition("+")[0] for name in rewritten(sent, seen.item)}))
            yield bad("converges", f"what is read is not what was written ({names}), and differs each time: please report it.")
        before = calendar.requests
        quiet = _everything(calendar, told.cursor, {href: seen.etag})
        asked = calendar.requests - before
        if quiet.seen or asked > 1:
            yield note("quiet", f"a look without news costs {asked} requests here.")
        else:
            yield good("quiet", "a look without news costs one request.")
    finally:
        calendar.delete(href, None)
    gone = _everything(calendar, quiet.cursor, {href: seen.etag})
    if href in gone.gone or gone.complete:
        yield good("deletions", "the server tells of them." if href in gone.gone else "they show in the listing.")
    else:
        yield note("deletions", "the server does not tell of them: they are found when everything is listed, every few hours.")
    if calendar.read([href])[href] is not None:
        yield bad("deletions", "what was removed still stands there: the server answers from a cache. Edits may arrive late.")
    return True


def _how_it_lists(cursor: str, *, told: bool) -> Finding:
    kind = cursor.partition(":")[0]
    if not told:
        return bad("changes", "the server does not tell of an entry that was just made; edits on the phone may be missed for hours.")
    if kind == "ctag":
        return note("changes", "the server has no list of changes: where something changed, everything is listed by its ETag.")
    if kind == "list":
        return note("changes", "the server has neither a list of changes nor a tag of the calendar: each look lists everything.")
    return good("changes", "the server tells what changed.")


def _everything(calendar: Calendar, cursor: str, known: dict[str, str | None]) -> Changes:
    """All pages as one, without the texts that are not asked for; from the beginning where the cursor is no longer known."""
    try:
        page = calendar.changes(cursor, known)
    except CursorExpired:
        page = calendar.changes("", known)
    listed, gone, seen, complete = set(page.listed), list(page.gone), list(page.seen), page.complete
    while page.more:
        page = calendar.changes(page.cursor, known)
        listed |= page.listed
        gone += page.gone
        seen += page.seen
    return Changes(tuple(seen), tuple(gone), page.cursor, complete, frozenset(listed))


def _written(calendar: Calendar, item: Item) -> str | None:
    """The ETag. What an earlier look left behind is removed first."""
    href = calendar.href(item.uid, item.form)
    try:
        return calendar.create(href, item).etag
    except Changed:
        calendar.delete(href, None)
        return calendar.create(href, item).etag


def _event(calendar: Calendar, now: datetime) -> tuple[Item, str | None]:
    """An event that was written, and its ETag. Where the name of a deleted one stays taken (Google), another one is used each time."""
    first = int(now.timestamp())
    for number in (0, *range(first, first + _NAMES)):
        item = entry(uid(_EVENT, number), now)
        with suppress(Changed):
            return item, _written(calendar, item)
    raise Changed(f"None of {_NAMES + 1} names that were tried is free for an entry.")


def _tasks(calendar: Calendar, write: str, now: datetime, *, dates: bool) -> Iterator[Finding]:
    """``dates``: its tasks know days, and no hours."""
    wanted = write in {"task", "auto"}
    item = entry(uid(_TASK, 0), now, Form.TASK)
    item = dated(item) if dates else item
    href = calendar.href(item.uid, item.form)
    try:
        _written(calendar, item)
    except (Refused, Changed) as error:
        text = f"this calendar takes no tasks ({error})"
        yield (
            bad("tasks", f"{text} Write 'write: event' into the config.")
            if wanted
            else note("tasks", f"{text}; events are written, so that is well.")
        )
        return
    try:
        seen = calendar.read([href])[href]
    finally:
        calendar.delete(href, None)
    kept = seen is not None and seen.item is not None and explained(ics.cleaned(item), seen.item, calendar.capabilities.rewrites)
    if kept:
        yield good("tasks", "it takes tasks too.")
    else:
        yield (
            bad("tasks", "it takes tasks, but changes them: write 'write: event' into the config.")
            if wanted
            else note("tasks", "it changes tasks.")
        )
