"""Which test sees which row of ``docs/sources.md``.

Run as ``python -m tests.sources`` it writes the page's last column, and into the README how many rows of each source are seen.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGE = ROOT / "docs" / "sources.md"
TESTS = (ROOT / "tests" / "test_sources.py", ROOT / "tests" / "test_sources_rules.py")
ELSEWHERE = tuple(  # beside other tests, those whose names begin with a row's number
    ROOT / "tests" / name
    for name in ("test_due_on_a_date.py", "test_foreign_clients.py", "web/test_page.py", "core/test_placement.py", "core/test_plan.py")
)
NO_SOFTWARE = frozenset({"001-2", "003-9"})
LEFT_OPEN: Mapping[str, str] = {}  # row -> the part of it that no test sees yet
_SOURCE = re.compile(r"(?m)^\| (00\d) \| (.+?) \|.*\|.*\|$")
_NUMBERED = re.compile(r"test_(\d{3})_(\d+)_")
_ROW = re.compile(r"(?m)^\| (\d{3}-\d+) \| (.+?) \|(?: (.+?))? \|$")


def sources() -> str:
    """All tests whose names begin with a row's number."""
    elsewhere = (name for path in ELSEWHERE for name in _functions(path.read_text("utf-8")) if _NUMBERED.match(name))
    return "\n".join([*(path.read_text("utf-8") for path in TESTS), *(f"def {name}() -> None: ..." for name in elsewhere)])


def rows(page: str) -> dict[str, str]:
    """Row -> what its last column says."""
    return {match[1]: match[3] or "" for match in _ROW.finditer(page)}


def by_row(source: str) -> dict[str, list[str]]:
    """Row -> its tests, in the order in which they stand: ``test_000_1_every_open_prospect`` is of 000-1."""
    found: dict[str, list[str]] = {}
    for name in _functions(source):
        if match := _NUMBERED.match(name):
            found.setdefault(f"{match[1]}-{match[2]}", []).append(name)
    return found


def _functions(source: str) -> Iterator[str]:
    return (node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))


def filled(page: str, tests: Mapping[str, list[str]]) -> str:
    """The page with its last column as the tests are now."""
    return _ROW.sub(lambda match: f"| {match[1]} | {match[2]} | {_cell(match[1], tests.get(match[1], []))} |", page)


def counted(readme: str, page: str) -> str:
    """The README with how many rows each source has, and how many of those that software can show are seen by a test."""
    told = rows(page)

    def line(match: re.Match[str]) -> str:
        own = [row for row in told if row.startswith(match[1]) and row not in NO_SOFTWARE]
        seen = [row for row in own if "none yet" not in told[row]]
        return f"| {match[1]} | {match[2]} | {len(own)} | {'all' if seen == own else len(seen)} |"

    return _SOURCE.sub(line, readme)


def _cell(row: str, names: list[str]) -> str:
    if not names:
        return "nothing to test" if row in NO_SOFTWARE else "**none yet**"
    left = f"; **none yet** for {LEFT_OPEN[row]}" if row in LEFT_OPEN else ""
    return ", ".join(f"`{name}`" for name in names) + left


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text("utf-8"), by_row(sources())), "utf-8")
    README.write_text(counted(README.read_text("utf-8"), PAGE.read_text("utf-8")), "utf-8")
