"""The page of rows and the tests say the same."""

from __future__ import annotations

from tests.sources import LEFT_OPEN, NO_SOFTWARE, PAGE, README, by_row, counted, filled, rows, sources

PAGE_TEXT, TESTS_TEXT = PAGE.read_text("utf-8"), sources()
COUNTS = {"000": 12, "001": 14, "002": 10, "003": 9, "004": 14}  # rows of each source


def test_the_page_has_every_row_once_and_in_order() -> None:
    lines = [line.split(" ")[1] for line in PAGE_TEXT.splitlines() if line.startswith("| 0")]
    assert lines == [f"{source}-{number}" for source, count in COUNTS.items() for number in range(1, count + 1)]
    assert list(rows(PAGE_TEXT)) == lines, "each can be read"


def test_the_page_names_the_tests_that_there_are() -> None:
    assert filled(PAGE_TEXT, by_row(TESTS_TEXT)) == PAGE_TEXT, "write it anew: python -m tests.sources"


def test_the_readme_counts_them() -> None:
    readme = README.read_text("utf-8")
    assert counted(readme, PAGE_TEXT) == readme, "write it anew: python -m tests.sources"
    assert [line.split(" ")[1] for line in readme.splitlines() if line.startswith("| 00")] == list(COUNTS)


def test_every_numbered_test_is_of_a_row() -> None:
    found = by_row(TESTS_TEXT)
    assert found.keys() <= rows(PAGE_TEXT).keys()
    assert found.keys().isdisjoint(NO_SOFTWARE)
    assert LEFT_OPEN.keys() <= found.keys(), "a row without any test says so itself"
    assert sum(map(len, found.values())) == TESTS_TEXT.count("\ndef test_"), "each test of that file has its row's number"


def test_a_row_whose_test_goes_says_that_there_is_none() -> None:
    without = by_row(TESTS_TEXT.replace("def test_000_1_", "def check_000_1_"))
    page = filled(PAGE_TEXT, without)
    assert rows(page)["000-1"] == "**none yet**"
    assert {row for row, cell in rows(page).items() if cell != rows(PAGE_TEXT)[row]} == {"000-1"}
    assert filled(page, by_row(TESTS_TEXT)) == PAGE_TEXT
