"""What if the process died just here? One cycle, and at each of its moments a copy of this process in which it was killed there.

A moment is: a request is about to go out, its answer is just there, a transaction is about to be committed, it was just committed. The copy
is a fork with the store's files as they are at that moment, so a kill costs no second run of what led there, and nothing of the dead cycle
(no ``finally``, no ``except``) ever runs.
"""

from __future__ import annotations

import os
import shutil
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.dav.server import Broken
from tests.machine.death import Death, MortalStore
from tests.machine.machine import Machine

_LONGEST = 60  # seconds in which a copy must have healed


@dataclass(frozen=True, slots=True)
class Violation:
    """``moment``: the how-manieth of the cycle, and what it was."""

    moment: str
    trace: str


class Explorer(Death):
    """``after``: what a copy does with the machine once it has come to life again. ``stride``: only each so many-th moment is tried, from
    ``offset`` on."""

    def __init__(self, machine: Machine, after: Callable[[Machine, int], None], *, stride: int = 1, offset: int = 0) -> None:
        super().__init__(1 << 30)
        self.machine, self.after = machine, after
        self.stride, self.offset = stride, offset
        self.moments = self.copies = 0
        self.violations: list[Violation] = []

    def moment(self) -> None:
        self.died("commit")

    def died(self, what: str) -> None:
        self.moments += 1
        self._copy(f"{self.moments}: {what}", lambda: self.after(self.machine, self.moments))

    def _copy(self, name: str, life: Callable[[], None]) -> None:
        if (self.moments + self.offset) % self.stride:
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


def _live(machine: Machine, folder: Path, life: Callable[[], None], pipe: int) -> None:
    """The copy: it begins with the files, and never goes back to where it was forked. What it inherited open stays open and untouched, for
    the other one is still using it."""
    status = 1
    try:
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
    machine.look()
    if moment % 3 == 0:
        machine.room.dying_cycle(Death(moment % 11 + 1))
        machine.look()
    machine.settle()
    machine.look()
