"""What if the process died just here? One cycle, and at each of its moments a copy of this process in which it was killed there.

A moment is: a request is about to go out, its answer is just there, a transaction is about to be committed, it was just committed. The copy
is a fork with the store's files as they are at that moment, so a kill costs no second run of what led there, and nothing of the dead cycle
(no ``finally``, no ``except``) ever runs. Between two moments at which neither the store nor a calendar changed, a kill leaves the same
behind; then one copy tries them all, unless every one is asked for.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from followsync.calendars.memory import MemoryServer
from tests.dav.server import Broken, DavServer
from tests.google.place import GooglePlace
from tests.machine.death import Death, MortalStore
from tests.machine.machine import REMEMBERED, Machine

_LONGEST = 60  # seconds in which a copy must have healed


@dataclass(frozen=True, slots=True)
class Violation:
    """``moment``: the how-manieth of the cycle, and what it was."""

    moment: str
    trace: str


class Explorer(Death):
    """``after``: what a copy does with the machine once it has come to life again. ``every``: also moments that leave the same behind as
    the one before. ``stride``: of those, only each so many-th is tried, from ``offset`` on. ``moments``: so many there were; ``copies``: so
    many were tried."""

    def __init__(
        self, machine: Machine, after: Callable[[Machine, int], None], *, every: bool = False, stride: int = 1, offset: int = 0
    ) -> None:
        super().__init__(1 << 30)
        self.machine, self.after = machine, after
        self.every, self.stride, self.offset = every, stride, offset
        self.moments = self.copies = self._tried = self._commits = 0
        self._state: tuple[int, ...] = ()
        self.violations: list[Violation] = []

    def moment(self) -> None:
        """Before a commit, and after it."""
        self.died("commit")
        self._commits += 1

    def died(self, what: str) -> None:
        self.moments += 1
        state = (self._commits // 2, *(server.changed for server in self.machine.room.servers.values()))
        if self.every or state != self._state:
            self._state = state
            self._copy(f"{self.moments}: {what}", lambda: self.after(self.machine, self.moments))

    def _copy(self, name: str, life: Callable[[], None]) -> None:
        self._tried += 1
        if (self._tried + self.offset) % self.stride:
            return
        self.copies += 1
        folder = self.machine.folder / f"copy-{self.moments}"
        reading, writing = os.pipe()
        if not (child := os.fork()):
            _live(self.machine, folder, life, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        shutil.rmtree(folder, ignore_errors=True)
        if status:
            self.violations.append(Violation(name, told.decode() or f"the copy ended with {status}"))

    def kills(self) -> None:
        """One cycle to its end, killed in a copy at each of its moments."""
        room = self.machine.room
        room.host.moment = lambda place, method, path: self.died(f"{place} {method} {path.rpartition('/')[2][:8]}")
        try:
            room.new_cycle(store=MortalStore(room.store, self)).run(force=True)
        finally:
            room.host.moment = lambda place, method, path: None

    def losses(self) -> None:
        """Copies of the cycle, in each of which the answer to one request is lost; the cycle itself is still to come."""
        answers = [0]
        self._copy_and_count(answers)
        for number in range(1, answers[0] + 1):
            self.moments += 1
            self._copy(f"answer {number} lost", lambda number=number: self._lose(number))

    def _copy_and_count(self, answers: list[int]) -> None:
        """How many answers the cycle will be given."""
        folder = self.machine.folder / "count"
        reading, writing = os.pipe()
        if not os.fork():
            _live(self.machine, folder, lambda: os.write(writing, str(self._counted()).encode()), writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            answers[0] = int(pipe.read())
        os.wait()
        shutil.rmtree(folder)

    def _counted(self) -> int:
        before = self.machine.room.host.requests
        self.machine.room.cycle(force=True)
        return self.machine.room.host.requests - before

    def _lose(self, number: int) -> None:
        left = [number]

        def moment(place: str, method: str, path: str) -> None:
            left[0] -= place == "after"
            if place == "after" and left[0] == 0:
                raise Broken

        self.machine.room.host.moment = moment
        self.machine.room.cycle(force=True)
        self.machine.room.host.moment = lambda place, method, path: None
        self.after(self.machine, number)


class Again(Death):
    """The same without forks: the machine is put back to where the cycle began, and the cycle is run anew up to each moment. What is still
    done in the dead cycle afterwards (``finally``) reaches neither the store nor a calendar. Several times as fast, for the soak."""

    def __init__(self, machine: Machine, after: Callable[[Machine, int], None]) -> None:
        super().__init__(1 << 30)
        self.machine, self.after = machine, after
        self.moments = self.copies = self._commits = 0
        self._found: list[tuple[int, str, tuple[int, ...]]] = []
        self.violations: list[Violation] = []

    def moment(self) -> None:
        self._note("commit")
        self._commits += 1

    def _note(self, what: str) -> None:
        self.moments += 1
        state = (self._commits // 2, *(server.changed for server in self.machine.room.servers.values()))
        if not self._found or self._found[-1][2] != state:
            self._found.append((self.moments, what, state))

    def kills(self) -> None:
        """One cycle killed at each of its moments, then to its end."""
        room, before = self.machine.room, self.machine.remembered()
        room.host.moment = lambda place, method, path: self._note(f"{place} {method} {path.rpartition('/')[2][:8]}")
        room.new_cycle(store=MortalStore(room.store, self)).run(force=True)
        room.host.moment = lambda place, method, path: None
        for number, what, _ in self._found:
            self.copies += 1
            self.machine.put_back(before)
            try:
                room.dying_cycle(Death(number))
                self.after(self.machine, number)
            except Exception:  # noqa: BLE001  # whatever it is, it is told
                self.violations.append(Violation(f"{number}: {what}", traceback.format_exc()))
        self.machine.put_back(before)
        room.cycle(force=True)


def _live(machine: Machine, folder: Path, life: Callable[[], None], pipe: int) -> None:
    """The copy: it begins with the files, and never goes back to where it was forked. What it inherited open stays open and untouched, for
    the other one is still using it."""
    status = 1
    try:
        gc.disable()  # it would only copy the other one's memory
        signal.alarm(_LONGEST)
        machine.room.host.moment = lambda place, method, path: None
        machine.room.begin_again(folder)
        life()
        status = 0
    except BaseException:  # noqa: BLE001  # whatever it is, it is told, and this copy ends here
        os.write(pipe, traceback.format_exc()[-60000:].encode())
    finally:
        os._exit(status)


def healed(machine: Machine, moment: int) -> None:
    """It starts again, and everything must be as if nothing had happened. Every third one is killed once more while it heals."""
    _killed_once_more(machine, moment)
    machine.settle()
    machine.look()


def _killed_once_more(machine: Machine, moment: int) -> None:
    machine.look()
    if moment % 3 == 0:
        machine.room.dying_cycle(Death(moment % 11 + 1))
        machine.look()


class Healed:
    """``healed``, for copies in one process: what healed and was looked at once need not do so again.

    Healing follows from what there is and from nothing else: all rows of the store, all that the servers hold (their texts, their logs,
    what was ever written, their faults and clocks), what the rep did, and the time. Nothing in it is drawn by chance, and every cycle
    reads the store and opens its calendars anew. So from the same state it would take the same steps to the same end. States are the
    same only where all of that is the same to the letter, but for ``unused`` (held to be so by a test).
    """

    def __init__(self) -> None:
        self._well: set[bytes] = set()

    def __call__(self, machine: Machine, moment: int) -> None:
        _killed_once_more(machine, moment)
        state = whole_state(machine)
        if state not in self._well:
            machine.settle()
            machine.look()
            self._well.add(state)


def unused(server: MemoryServer) -> set[str]:
    """What no answer of that server depends on. Each request is counted and moves its clock on; only some servers look at either."""
    if not isinstance(server, DavServer):
        return {"personality"}
    habits = server.personality
    clock = set() if habits.cache or habits.tokens == "seconds" else {"now", "_when"}
    return {"personality", *clock, *(() if habits.limit else ("asked",))}


def _parts(server: MemoryServer | GooglePlace) -> dict[str, object]:
    return vars(server) | ({"google": vars(server.google)} if isinstance(server, GooglePlace) else {})


def _ordered(value: Any) -> Any:
    """The same with each set in order: how one is told depends on how it came about."""
    match value:
        case set() | frozenset():
            return sorted(map(repr, value))
        case dict():
            return {name: _ordered(one) for name, one in value.items()}
        case list() | tuple():
            return [_ordered(one) for one in value]
        case _:
            return value


def whole_state(machine: Machine) -> bytes:
    """All there is, as a digest: rows in the order of their keys, everything else as it would be typed."""
    servers = {name: {**_parts(one), **dict.fromkeys(unused(one))} for name, one in machine.room.servers.items()}
    ours = {name: getattr(machine, name) for name in REMEMBERED if name != "ledger"}
    ledger = vars(machine.ledger)
    told = repr(_ordered((servers, ours, ledger, machine.room.now, machine.room.now.fold, machine.room.rows(), machine.room.tokens())))
    assert " at 0x" not in told, "what is not told in full cannot be compared"
    return sha256(told.encode()).digest()
