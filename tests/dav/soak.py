"""``python -m tests.dav.soak --schedules 10000 --minutes 600``: random lives on every personality, killed at every moment of a cycle.

A life is known by its personality and its number, so it can be run again: ``--personality sogo --only 417``. With ``--resume FILE`` what is
done is noted there, and a second run goes on where the first one stopped.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from followsync import ics, rules
from followsync.config import Settings
from followsync.core.cadence import Rules
from followsync.core.item import Item
from tests.dav import schedule
from tests.dav.personalities import SERVERS
from tests.dav.schedule import Outcome

_TELL = 10.0  # seconds between two lines of progress


def main() -> int:
    asked = _arguments()
    names = asked.personality or list(SERVERS)
    done = _noted(asked.resume)
    tasks = _tasks(names, asked, done)
    began = told = time.monotonic()
    kills: Counter[str] = Counter()
    copies: Counter[str] = Counter()
    lives: Counter[str] = Counter()
    wrong: list[Outcome] = []
    with multiprocessing.get_context("fork").Pool(asked.workers, _begin) as pool:
        for outcome in pool.imap(_one, tasks):
            name = outcome.schedule.personality
            lives[name] += 1
            kills[name] += outcome.moments
            copies[name] += outcome.copies
            done[f"{asked.seed} {name}"] = int(outcome.schedule.seed.rpartition("/")[2]) + 1
            if outcome.wrong:
                wrong.append(outcome)
                _tell(outcome)
            if time.monotonic() - told > _TELL:
                told = time.monotonic()
                _progress(lives, kills, copies, wrong, told - began)
                _note(asked.resume, done)
            if (time.monotonic() - began > asked.minutes * 60) or len(wrong) >= asked.stop_after:
                break
        pool.terminate()
        pool.join()
    _progress(lives, kills, copies, wrong, time.monotonic() - began)
    _note(asked.resume, done)
    _sum_up(names, lives, kills, copies, wrong)
    if wrong:
        first = schedule.smaller(wrong[0]) if asked.smaller else wrong[0]
        _tell(first)
        print(first.wrong)
    return 1 if wrong else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.dav.soak", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--schedules", type=int, default=100, help="of each personality")
    parser.add_argument("--minutes", type=float, default=60, help="then it stops, whatever is left")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--personality", action="append", choices=list(SERVERS), help="only this one; may be given several times")
    parser.add_argument("--only", type=int, help="only the life with this number")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--resume", type=Path, help="where it is noted what is done")
    parser.add_argument("--stop-after", type=int, default=1, help="so many violations")
    parser.add_argument("--smaller", action="store_true", help="make the first violation smaller")
    return parser.parse_args()


def _tasks(names: list[str], asked: argparse.Namespace, done: dict[str, int]) -> Iterator[tuple[str, str]]:
    """In turns, so that a run that is cut short has looked at every personality."""
    numbers = [asked.only] if asked.only is not None else range(asked.schedules)
    for number in numbers:
        for name in names:
            if asked.only is not None or number >= done.get(f"{asked.seed} {name}", 0):
                yield name, f"{asked.seed}/{number}"


def _begin() -> None:
    """Reading a text is pure, and the same text is read many times; what was loaded is not looked at again by each copy's collector."""
    ics.read = lru_cache(50_000)(ics.read)  # type: ignore[assignment]  # the same, remembered
    ics.render = _remembered(ics.render)
    rules.rules = _of_the_last(rules.rules)
    gc.collect()
    gc.freeze()


def _remembered(render: Any) -> Any:
    """So is writing one. Times that are equal may be told in several zones, and are written as they are told: these are part of the
    question."""

    @lru_cache(10_000)
    def told(item: Item, _zones: tuple[object, ...], raw: str, stamp: datetime) -> str:
        return render(item, raw=raw, stamp=stamp)

    def rendered(item: Item, *, raw: str = "", stamp: datetime) -> str:
        return told(item, (item.start.tzinfo, item.start.fold, item.end.tzinfo, item.end.fold), raw, stamp)

    return rendered


def _of_the_last(read: Callable[[Settings, str], Rules]) -> Callable[[Settings, str], Rules]:
    """A life goes by one config, and each cycle makes its rules of it."""
    last: list[tuple[Settings, str, Rules]] = []

    def remembered(settings: Settings, rep: str = "") -> Rules:
        if not last or last[0][0] is not settings or last[0][1] != rep:
            last[:] = [(settings, rep, read(settings, rep))]
        return last[0][2]

    return remembered


def _one(task: tuple[str, str]) -> Outcome:
    return schedule.run(schedule.draw(*task))


def _progress(lives: Counter[str], kills: Counter[str], copies: Counter[str], wrong: list[Any], seconds: float) -> None:
    total, healed = sum(lives.values()), sum(copies.values())
    print(
        f"{seconds:7.0f} s: {total} schedules ({total / seconds:.1f}/s), {sum(kills.values())} kill points, {healed} healings "
        f"({healed / seconds:.1f}/s), {len(wrong)} violations",
        file=sys.stderr,
        flush=True,
    )


def _sum_up(names: list[str], lives: Counter[str], kills: Counter[str], copies: Counter[str], wrong: list[Outcome]) -> None:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = max(1.0, used.ru_utime + used.ru_stime)
    print(f"{seconds:.0f} s of processors, in each {lives.total() / seconds:.2f} schedules and {copies.total() / seconds:.1f} healings")
    for name in names:
        violations = sum(one.schedule.personality == name for one in wrong)
        print(f"{name:20} {lives[name]:7} schedules {kills[name]:9} kill points {copies[name]:8} healings {violations:4} violations")


def _tell(outcome: Outcome) -> None:
    one = outcome.schedule
    print(f"VIOLATION {one.personality} {one.seed} two={one.two} begin={one.begin} explored after act {one.explored}", flush=True)
    for number, (name, how) in enumerate(one.acts, 1):
        print(f"  {number}. {name}({', '.join(f'{key}={value}' for key, value in how.items())})")
    print("  " + outcome.wrong.strip().splitlines()[-1][:400], flush=True)


def _noted(path: Path | None) -> dict[str, int]:
    return json.loads(path.read_text()) if path and path.exists() else {}


def _note(path: Path | None, done: dict[str, int]) -> None:
    if path:
        path.write_text(json.dumps(done))


if __name__ == "__main__":
    sys.exit(main())
