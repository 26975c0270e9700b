"""The busy sources of one rep during one cycle. They are asked side by side, and while the targets are read; one that is dead delays nobody
longer than its timeout, and is then left alone as a failing target is. What was last read of it counts: an appointment is not over because
its calendar cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from hashlib import sha256
from time import monotonic
from typing import TYPE_CHECKING

from followsync import health
from followsync.config import Settings
from followsync.core.reading import BusyReading
from followsync.core.target import TargetState
from followsync.core.workdays import BusyTime
from followsync.errors import CalendarError
from followsync.store import Store

if TYPE_CHECKING:
    from followsync.calendars.busy import Visit

_AHEAD = timedelta(days=120)
_SPARE = timedelta(days=2)  # read beyond that, so that a text that did not change need not be read again at once
_BELIEVED = timedelta(days=1)  # how long nothing is asked anew: where the calendars are, and a text that is said not to have changed
_LONGEST_PAUSE = timedelta(hours=6)
_SIDE_BY_SIDE = 32

Answers = Callable[[], tuple[BusyTime, ...]]
_Look = tuple[BusyReading, tuple[BusyTime, ...]]


@dataclass(slots=True)
class BusyCycle:
    """``threads``: with 1, everything happens strictly one after the other. ``warnings`` collects a sentence for each source that cannot
    be read; ``requests``: source -> the round trips that it took."""

    settings: Settings
    key: str
    store: Store
    zone: tzinfo
    now: datetime
    threads: int = 1
    warnings: list[str] = field(default_factory=list)
    requests: dict[str, int] = field(default_factory=dict)

    @property
    def first(self) -> datetime:
        return self.now - timedelta(days=1)

    @property
    def last(self) -> datetime:
        return self.now + _AHEAD

    @contextmanager
    def begun(self, *, local: bool = False, keep: bool = False, force: bool = True) -> Iterator[Answers]:
        """Ask, and give what waits for the answers: the busy times of the days ahead. ``local``: files only, without asking any server.
        ``keep``: remember what was read, for the cycles to come. ``force``: whatever a breaker says."""
        names = [name for name in self.settings.reps[self.key].busy if not local or self._is_file(name)]
        if not names:
            yield tuple
            return
        with self.store.reading() as tx:
            kept = tx.busy_readings(self.key)
        before = [self._remembered(name, kept) for name in names]
        if self.threads == 1 or local:
            yield lambda: self._answers((self._looked(one, force=force) for one in before), keep=keep)
            return
        with ThreadPoolExecutor(min(_SIDE_BY_SIDE, len(names)), "busy") as pool:
            running = [pool.submit(self._looked, one, force=force) for one in before]
            yield lambda: self._answers((one.result() for one in running), keep=keep)

    def _is_file(self, name: str) -> bool:
        source = self.settings.busy[name]
        return source.type == "ics" and source.path is not None

    def _remembered(self, name: str, kept: dict[str, BusyReading]) -> BusyReading:
        """Nothing of what the config calls by that name no longer, or what was read in another zone."""
        text = f"{self.zone} {self.settings.busy[name].model_dump_json()}"
        origin = sha256(text.encode()).hexdigest()[:32]
        reading = kept.get(name)
        return reading if reading and reading.origin == origin else BusyReading(self.key, name, origin=origin)

    def _answers(self, looks: Iterable[_Look], *, keep: bool) -> tuple[BusyTime, ...]:
        """Where they are kept, times are called after their source, read or remembered: the plan must not see a difference."""
        times: list[BusyTime] = []
        readings = []
        for reading, found in looks:
            if reading.error:
                self.warnings.append(f"busy source {reading.source}: {reading.error} {self._what_counts(reading)}")
            times.extend(reading.between(self.first, self.last) if keep else found)
            readings.append(reading)
        if keep:
            with self.store.writing() as tx:
                tx.save_busy_readings(self.key, *readings)
        return tuple(times)

    def _what_counts(self, reading: BusyReading) -> str:
        if reading.at is None:
            return "It was never read, so it keeps no time free."
        return f"Until then, what was read on {reading.at.astimezone(self.zone):%a %Y-%m-%d %H:%M} counts."

    # --- one source, in a thread of its own

    def _looked(self, before: BusyReading, *, force: bool) -> _Look:
        from followsync.calendars.busy import Visit, busy_times  # reads iCalendar, which commands without busy sources need not load

        name = before.source
        if not force and self._is_paused(before):
            self.requests[name] = 0
            return before, before.between(self.first, self.last)
        source, fresh = self.settings.busy[name], self._is_fresh(before)
        visit = Visit(until=monotonic() + source.timeout.total_seconds(), limits=self.settings.limits(self.store.shared))
        if fresh:
            visit.places = before.places
        if fresh and before.covers(self.first, self.last):
            visit.version = before.version
        try:
            found = busy_times(source, self.first, self.last + _SPARE, self.zone, name=name, visit=visit)
        except CalendarError as error:
            return self._failed(before, error, visit, force=force), before.between(self.first, self.last)
        finally:
            self.requests[name] = visit.requests
        reading = self._succeeded(before, found, visit, fresh=fresh)
        named = (replace(one, source=name) for one in found)
        return reading, reading.between(self.first, self.last) if visit.unchanged else _within(named, self.first, self.last)

    def _is_fresh(self, before: BusyReading) -> bool:
        return before.found is not None and timedelta(0) <= self.now - before.found < _BELIEVED

    def _is_paused(self, before: BusyReading) -> bool:
        """A pause longer than any is that of a clock that was set back."""
        return before.not_before is not None and timedelta(0) < before.not_before - self.now <= _LONGEST_PAUSE

    def _failed(self, before: BusyReading, error: CalendarError, visit: Visit, *, force: bool) -> BusyReading:
        """A target's breaker. A file costs nothing to look for, so nobody waits for it once it is back; and what a typed command cannot
        read, for it may lack a secret, stops no daemon."""
        seen = replace(before, error=str(error), requests=visit.requests, places=visit.places)
        if visit.places and visit.places != before.places:
            seen = replace(seen, found=self.now)
        if force or self._is_file(before.source):
            return seen
        fared = health.failed(TargetState(self.key, before.source, failures=before.failures), error, self.now)
        return replace(seen, failures=fared.failures, not_before=fared.not_before, login_needed=fared.login_needed)

    def _succeeded(self, before: BusyReading, found: tuple[BusyTime, ...], visit: Visit, *, fresh: bool) -> BusyReading:
        well = replace(before, at=self.now, error="", failures=0, not_before=None, login_needed=False, requests=visit.requests)
        if visit.unchanged:
            return well
        return replace(
            well,
            times=tuple(replace(one, label="") for one in found),
            start=self.first,
            end=self.last + _SPARE,
            places=visit.places,
            version=visit.version,
            found=before.found if fresh and visit.places == before.places and before.places else self.now,
        )


def _within(times: Iterable[BusyTime], start: datetime, end: datetime) -> tuple[BusyTime, ...]:
    return tuple(one for one in times if one.start < end and one.end > start)


def try_logins_again(store: Store, reps: Iterable[str]) -> None:
    """End the pauses of sources whose login was refused: whoever starts the daemon, or lets it read its config again, may have mended the
    password."""
    for rep in reps:
        with store.reading() as tx:
            refused = any(one.login_needed and one.not_before for one in tx.busy_readings(rep).values())
        if refused:
            with store.writing() as tx:
                readings = tx.busy_readings(rep).values()
                tx.save_busy_readings(rep, *(replace(one, not_before=None) if one.login_needed else one for one in readings))
