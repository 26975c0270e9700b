"""A team on one machine: reps with prospects, workers in processes of their own, a store on PostgreSQL that notes who held what when."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from followsync.core.history import Captured, Noted
from followsync.core.prospect import Prospect
from followsync.store import Store, open_store
from tests.postgresql import Postgres
from tests.servers import PASSWORD, Server
from tests.test_kill import Phone, Standing

ROOT = Path(__file__).parents[2]
_PATIENCE = 0.1  # seconds between two looks at what other processes do
# Each change of hands, as the database saw it: who had it before, until when, and when that was.
_LEDGER = """
CREATE TABLE lease_ledger (
    number bigserial, rep text, fence bigint, holder text, before_fence bigint, before_holder text, before_until double precision,
    at double precision DEFAULT extract(epoch FROM clock_timestamp())
);
CREATE FUNCTION note_lease() RETURNS trigger AS $$ BEGIN
    INSERT INTO lease_ledger (rep, fence, holder, before_fence, before_holder, before_until)
    VALUES (NEW.rep, NEW.fence, NEW.holder, OLD.fence, OLD.holder, OLD.until);
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER note_lease AFTER UPDATE ON rep_lease FOR EACH ROW
    WHEN (OLD.fence <> NEW.fence OR OLD.holder <> NEW.holder) EXECUTE FUNCTION note_lease();
"""


@dataclass(slots=True)
class WorkerProcess:
    process: subprocess.Popen[bytes]
    log: Path

    def events(self) -> list[dict[str, Any]]:
        lines = self.log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def begun(self) -> int:
        """How many cycles it has begun."""
        return self.log.read_bytes().count(b'"cycle begins"')

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass
class Fleet:
    """``address``: of an empty place for the store; ``every``: seconds between two cycles of a rep; ``lease``, ``hands``: see ``followsync
    worker``."""

    folder: Path
    server: Server
    postgres: Postgres
    reps: int
    people: int
    every: int = 3
    lease: float = 3.0
    hands: int = 4
    workers: list[WorkerProcess] = field(default_factory=list)
    started: int = 0
    calendar: str = "Follow-ups"

    def __post_init__(self) -> None:
        self.address = self.postgres.fresh()
        self.names = [f"rep{number:04}" for number in range(self.reps)]
        self.config = self.folder / "config.yaml"
        self.configure()
        self.store: Store = open_store(self.address)
        schema = self.address.rpartition("%3D")[2]
        self.postgres.run(f'SET search_path = "{schema}"; {_LEDGER}')
        now = datetime.now(UTC)
        for rep in self.names:
            with self.store.writing() as tx:
                for number in range(self.people):
                    person = Prospect(f"{rep}-{number}", rep, f"Person {number}", phone="248.867.5309")
                    tx.capture(person, Captured(now, "cli"))

    def configure(self) -> None:
        login = f"username: {self.server.username}, password: {{env: FOLLOWSYNC_FLEET_PASSWORD}}"
        reps = "".join(f"  {rep}: {{timezone: America/Detroit, targets: [{rep}], daily_page: off, capacity: 50}}\n" for rep in self.names)
        targets = "".join(
            f'  {rep}: {{type: caldav, url: "{self.server.url}", {login}, calendar: {self.calendar} {rep}}}\n' for rep in self.names
        )
        self.config.write_text(f"store: {self.address}\nsync: {{every: {self.every} seconds}}\nreps:\n{reps}targets:\n{targets}")

    # -- workers

    def start(self) -> WorkerProcess:
        self.started += 1
        log = self.folder / f"worker-{self.started}.log"
        command = [sys.executable, "-m", "followsync", "--verbose", "--config", str(self.config), "worker"]
        command += ["--lease", str(self.lease), "--hands", str(self.hands)]
        environment = os.environ | {"FOLLOWSYNC_FLEET_PASSWORD": PASSWORD}
        with log.open("wb") as out:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
        made = WorkerProcess(process, log)
        self.workers.append(made)
        return made

    def stop(self) -> None:
        """All drain; each must end by itself, with 0 (or by the signal, where it had not begun yet)."""
        for one in self.workers:
            if one.process.poll() is None:
                one.process.send_signal(signal.SIGCONT)
                one.process.send_signal(signal.SIGTERM)
        for one in self.workers:
            code = one.process.wait(60)
            assert code in (0, -signal.SIGKILL, -signal.SIGTERM), f"a worker ended with {code}: {one.log.read_text()[-2000:]}"

    def close(self) -> None:
        for one in self.workers:
            if one.process.poll() is None:
                one.kill()
        self.store.close()

    # -- what happens meanwhile

    def note(self, rep: str, text: str) -> None:
        """Somebody writes it down at a terminal, of the rep's first prospect."""
        with self.store.writing("log") as tx:
            tx.append(f"{rep}-0", Noted(datetime.now(UTC), "cli", text))

    def phone(self, rep: str) -> Phone:
        with self.store.reading() as tx:
            return Phone(self.server, tx.target_state(rep, rep).collection.rpartition("\n")[2])

    def type_note(self, rep: str, text: str) -> None:
        """The rep types it into the entry of the second prospect."""
        phone = self.phone(rep)
        entry = Standing.of(phone.listing()).open[f"{rep}-1"]
        phone.edit(entry.href, description=f"{text}\n{entry.body}")

    # -- waiting, and what must hold

    def await_(self, done: Callable[[], bool], seconds: float = 120.0) -> None:
        pause = threading.Event()
        for _ in range(int(seconds / _PATIENCE)):
            if done():
                return
            pause.wait(_PATIENCE)
        raise AssertionError(f"it never came: {[(one.log.name, one.log.read_text()[-500:]) for one in self.workers[-3:]]}")

    def fences(self) -> dict[str, int]:
        return {one.rep: one.fence for one in self.store.leases.show()}

    def settle(self, seconds: float = 120.0) -> None:
        """Every rep has two more cycles, and nothing is left to do."""
        before = self.fences()

        def done() -> bool:
            rows = {one.rep: one for one in self.store.leases.show()}
            good = [rows[rep] for rep in self.names if rep in rows]
            return len(good) == len(self.names) and all(
                one.fence >= before.get(one.rep, 0) + 2 and not one.news and one.tries <= 1 for one in good
            )

        self.await_(done, seconds)

    def check_calendars(self) -> None:
        """Exactly one open entry for each prospect, no UID twice: as another program sees it."""
        for rep in self.names:
            standing = Standing.of(self.phone(rep).listing())
            assert standing.doubles == [], rep
            assert standing.open.keys() == {f"{rep}-{number}" for number in range(self.people)}, rep

    def check_histories(self, notes: dict[str, list[str]]) -> None:
        """``notes``: what was typed of whom; each stands there once, and nothing else."""
        for prospect, typed in notes.items():
            with self.store.reading() as tx:
                found = [one.text for one in tx.history(prospect) if isinstance(one, Noted)]
            assert sorted(found) == sorted(typed), prospect
        with self.store.reading() as tx:
            for prospect, history in tx.histories().items():
                kinds = Counter(type(one).__name__ for one in history)
                assert kinds == Counter({"Captured": 1, **({"Noted": len(notes[prospect])} if notes.get(prospect) else {})}), prospect

    def check_leases(self) -> int:
        """Nobody got what somebody else had: a fence grew by one each time, when the one before had given it back or had run out, and each
        was given to one worker. Answers how often a right changed hands that had run out."""
        schema = self.address.rpartition("%3D")[2]
        rows = self.postgres.run(
            f'SELECT rep, fence, holder, before_fence, before_holder, before_until, at FROM "{schema}".lease_ledger ORDER BY number'
        )
        last: dict[str, tuple[int, str]] = {}
        taken_over = 0
        for rep, fence, holder, before_fence, before_holder, before_until, at in rows:
            assert last.get(rep, (0, "")) == (before_fence, before_holder), rep
            last[rep] = fence, holder
            if fence == before_fence:
                assert (holder, before_holder != "") == ("", True), "a right changed hands without a new fence"
                continue
            assert fence == before_fence + 1
            if before_holder:
                assert before_until < at, f"{rep} was taken from {before_holder} while it still held"
                taken_over += 1
        begun = Counter(
            (event["rep"], event["fence"]) for one in self.workers for event in one.events() if event["event"] == "cycle begins"
        )
        assert max(begun.values()) == 1, "two workers began with the same right"
        return taken_over


@contextmanager
def fleet(folder: Path, server: Server, postgres: Postgres, **how: Any) -> Iterator[Fleet]:
    made = Fleet(folder, server, postgres, calendar=f"Follow-ups {folder.name}-{os.getpid()}", **how)
    try:
        yield made
    finally:
        made.close()
