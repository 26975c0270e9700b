"""What a person or a program reads: plain lines, tables, JSON. Text from outside never reaches the terminal as control characters."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unicodedata import category

from followsync.errors import UsageError

_CONTROL = frozenset({"Cc", "Cs"})
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they turn the writing direction of what follows


def emit(value: object) -> None:
    """One JSON document on stdout, alone."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def say(sentence: str = "") -> None:
    print(clean(sentence))


def warn(sentence: str) -> None:
    """To stderr, so that stdout holds nothing but what was asked for."""
    for line in sentence.splitlines():
        print(f"followsync: {clean(line)}", file=sys.stderr)


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Aligned columns; drawn and wrapped to the width on a terminal, one plain line a row elsewhere."""
    cells = [[clean(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _drawn(headers, cells)
        return
    widths = [max(len(row[column]) for row in (headers, *cells)) for column in range(len(headers))]
    for row in (headers, *cells):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _drawn(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    widths = [max((len(row[number]) for row in rows), default=0) for number in range(len(headers))]
    room = console.width // 2
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for header, width in zip(headers, widths, strict=True):
        narrower = sum(other for other in widths if other <= width)
        drawn.add_column(header, overflow="fold", no_wrap=max(width, narrower) <= room)  # times and states stay on one line
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    console.print(drawn)


def clean(text: str) -> str:
    """Without control characters: a name from an import must not be able to steer the terminal."""
    return "".join(" " if letter != "\n" and (category(letter) in _CONTROL or letter in _TURNS) else letter for letter in text)


def write(path: Path, text: str) -> None:
    """A file with people's data: a new one is readable by this user only. Raises UsageError where it cannot be written."""
    from followsync.wholefile import write_whole

    try:
        write_whole(path, text)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None


def tolerate_any_encoding() -> None:
    """A terminal that knows no en dash gets an escape, not a failure."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def silence() -> None:
    """The reader has gone: whatever is still buffered goes nowhere, also when the interpreter ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, nothing elsewhere; gone when it is done. It is told how many of how many are done."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def sentence_list(words: Iterable[str]) -> str:
    """``a, b or c``."""
    several: list[Any] = list(words)
    return " or ".join([", ".join(several[:-1]), several[-1]] if len(several) > 1 else several)


class Screen:
    """The same as an object, for those who are below the command line."""

    def say(self, sentence: str = "") -> None:
        say(sentence)

    def table(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        table(headers, rows)
