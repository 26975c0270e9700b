"""Several processes at one store, and processes that die."""

import multiprocessing
import os
import signal
import sqlite3
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from followsync.core.history import Captured, Noted
from followsync.core.prospect import Prospect
from followsync.store import open_store
from tests import stores

NOW = datetime(2026, 3, 2, 17, tzinfo=UTC)
FORK = multiprocessing.get_context("fork")

WRITERS, APPENDS, KILLS = 4, 50, 20


def append_many(url: str, writer: int) -> None:
    store = open_store(url)
    for number in range(APPENDS):
        with store.writing() as tx:
            tx.append("joe", Noted(NOW, f"writer {writer}", str(number)))
    store.close()


def finish(*processes: multiprocessing.context.ForkProcess) -> None:
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * len(processes)


def test_writers_lose_nothing_and_keep_their_order(path: Path) -> None:
    url = stores.url(path)
    store = open_store(url)
    with store.writing() as tx:
        tx.capture(Prospect("joe", "dana", "Joe's Diner"), Captured(NOW, "cli"))
    store.close()
    processes = [FORK.Process(target=append_many, args=(url, writer)) for writer in range(WRITERS)]
    for process in processes:
        process.start()
    finish(*processes)
    store = open_store(url)
    with store.reading() as tx:
        notes = [entry for entry in tx.history("joe") if isinstance(entry, Noted)]
    assert len(notes) == WRITERS * APPENDS
    for writer in range(WRITERS):
        assert [note.text for note in notes if note.via == f"writer {writer}"] == [str(number) for number in range(APPENDS)]
    assert store.changes() == 1 + WRITERS * APPENDS
    store.close()


def make_and_capture(url: str, writer: int, gate: Connection) -> None:
    gate.poll(None)  # all at once: what comes through stays unread, for the others
    store = open_store(url)
    with store.writing() as tx:
        tx.capture(Prospect(f"p{writer}", "dana", "Joe's Diner"), Captured(NOW, "cli"))
    store.close()


@pytest.mark.parametrize("round_", range(3))
def test_processes_that_make_the_same_new_store_at_once(path: Path, round_: int) -> None:
    url = stores.url(path)
    gate, opener = FORK.Pipe(duplex=False)
    processes = [FORK.Process(target=make_and_capture, args=(url, writer, gate)) for writer in range(6)]
    for process in processes:
        process.start()
    opener.send("go")
    finish(*processes)
    store = open_store(url)
    with store.reading() as tx:
        assert [prospect.id for prospect in tx.prospects()] == [f"p{writer}" for writer in range(6)]
    store.close()


def append_pairs(url: str, progress: Connection, stop_in_the_middle: int) -> None:
    """Each transaction appends two entries; says "middle" between them, and "end" after the commit."""
    store = open_store(url)
    number = 0
    while True:
        with store.writing() as tx:
            tx.append("joe", Noted(NOW, str(os.getpid()), f"{number} first"))
            progress.send("middle")
            if number == stop_in_the_middle:
                signal.pause()
            tx.append("joe", Noted(NOW, str(os.getpid()), f"{number} second"))
        progress.send("end")
        number += 1


def test_a_killed_writer_leaves_whole_transactions(path: Path) -> None:
    url = stores.url(path)
    store = open_store(url)
    with store.writing() as tx:
        tx.capture(Prospect("joe", "dana", "Joe's Diner"), Captured(NOW, "cli"))
    store.close()
    for kill in range(KILLS):
        # every other one stops between the two appends of its third transaction; the rest are hit wherever they are
        stops = 2 if kill % 2 else -1
        ours, theirs = FORK.Pipe(duplex=False)
        process = FORK.Process(target=append_pairs, args=(url, theirs, stops))
        process.start()
        theirs.close()
        said = [ours.recv() for _ in range(5 if kill % 2 else 1 + kill // 2)]
        process.kill()
        process.join()
        ours.close()
        store = open_store(url)
        with store.reading() as tx:
            mine = [entry.text for entry in tx.history("joe") if isinstance(entry, Noted) and entry.via == str(process.pid)]
        committed = said.count("end")
        assert len(mine) % 2 == 0
        assert len(mine) >= 2 * committed  # what was confirmed is there
        assert mine == [f"{number} {half}" for number in range(len(mine) // 2) for half in ("first", "second")]
        if kill % 2:
            assert len(mine) == 2 * committed
        store.close()
    if stores.kind == "postgresql":
        return
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
