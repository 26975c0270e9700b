"""``python -m tests.machine.killed CONFIG STORE``: for each line ``K TIME`` on stdin, one cycle in a process of its own that kills itself
with SIGKILL at its K-th moment: before or after the K-th request or commit. Answers ``killed`` or ``finished``.

The imports are done once; every cycle is a fork, with a store and connections of its own.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from datetime import date, datetime
from pathlib import Path
from typing import Any

from followsync.calendars import (
    caldav,  # noqa: F401 - loaded before the forks, not in each
    open_calendar,
)
from followsync.config import Settings, load
from followsync.cycle import Cycle
from followsync.phone import tel
from followsync.rules import rep_rules
from followsync.store import open_store
from tests.machine.death import Death, MortalCalendar, MortalStore


class SelfKill(Death):
    def moment(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def one_cycle(settings: Settings, url: str, number: int, now: datetime) -> None:
    death = SelfKill(number)
    cycle = Cycle(settings, "dana", MortalStore(open_store(url, lease=2.0), death), now)

    def opener(target: Any, state: Any) -> MortalCalendar:
        opened = open_calendar(target, zone=cycle.rep.workdays.zone, clock=lambda: now, collection=state.collection)
        return MortalCalendar(opened, death)

    cycle.opener = opener
    report = cycle.run(force=True)
    assert report.ok, report


def main() -> None:
    settings, url = load(Path(sys.argv[1])), sys.argv[2]
    rep_rules(settings, "dana").workdays.works(date(2026, 1, 5))  # works out the year's holidays once
    tel("248.867.5309", "US")  # and loads how telephones are numbered
    for line in sys.stdin:
        number, now = line.split()
        child = os.fork()
        if not child:
            status = 1
            try:
                one_cycle(settings, url, int(number), datetime.fromisoformat(now))
                status = 0
            finally:
                if status:
                    traceback.print_exc()
                os._exit(status)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print({0: "finished", -signal.SIGKILL: "killed"}.get(code, f"failed with {code}"), flush=True)


if __name__ == "__main__":
    main()
