"""Whose is which line: what the rep typed around, between and inside our text is theirs, word for word, and nothing of ours ever is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followsync.core.ruler import RULER, behind, block_of, our_block, quotes, rep_text, squeezed, with_rep_text

OURS = "248.867.5309 · tel:+12488675309\nTo go over the quote\n\nAGENDA\n- price\n- dates\n\nAnswer: tick it"
LINES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20).filter(
    lambda line: squeezed(line) and squeezed(line) not in {squeezed(one) for one in (*OURS.splitlines(), RULER)}
)


@pytest.mark.parametrize(
    ("body", "theirs"),
    [
        (OURS, ""),
        (with_rep_text("likes blue", OURS), "likes blue"),
        (f"likes blue\n{OURS}", "likes blue"),  # the ruler was deleted
        (f"{OURS}\nlikes blue", "likes blue"),
        (OURS.replace("AGENDA", "ask for Bob\nAGENDA"), "ask for Bob"),
        (f"likes blue {OURS}", "likes blue"),  # typed before our first line without a line break
        (f"{OURS} likes blue", "likes blue"),
        (OURS.replace("- price", "- price, at most 40"), "- price, at most 40"),  # inside one of our lines: kept whole
        (OURS.replace("\n", "\r\n"), ""),
        (OURS.replace(" ", "  "), ""),  # some servers fold and unfold with blanks
        ("", ""),
        ("likes blue", "likes blue"),
    ],
)
def test_what_the_rep_wrote(body: str, theirs: str) -> None:
    assert rep_text(body, OURS) == theirs


@given(st.lists(LINES, min_size=1, max_size=5))
def test_whatever_was_typed_above_the_ruler_comes_back(lines: list[str]) -> None:
    text = "\n".join(line.strip() for line in lines)
    assert rep_text(with_rep_text(text, OURS), OURS).split() == text.split()


def test_a_line_of_ours_that_the_rep_repeats_is_theirs() -> None:
    assert rep_text(f"- price\n{RULER}\n{OURS}", OURS) == "- price"


def test_without_text_there_is_no_ruler() -> None:
    """So the first line stays the phone."""
    assert with_rep_text(" \n", OURS) == OURS


@pytest.mark.parametrize(
    "body",
    [OURS, f"likes blue\n{RULER}\n{OURS}", f"{OURS}\nlikes blue", OURS.replace("AGENDA", "ask for Bob\nAGENDA")],
)
def test_our_block_is_found_by_its_mark(body: str) -> None:
    assert our_block(body, block_of(OURS)).split() == OURS.split()


@pytest.mark.parametrize("block", ["", "x", "99999999 abc", "3", "-1 abc", "3 0000000000000000"])
def test_with_a_mark_that_fits_nothing_all_is_taken_for_ours(block: str) -> None:
    """So that no line of ours ever comes back as a note of the rep's."""
    assert our_block(OURS, block) == OURS


def test_where_the_mark_fits_nothing_ours_begins_where_we_began() -> None:
    edited = f"likes blue\n{OURS.replace('- price', '- price, at most 40')}"
    assert our_block(edited, block_of(OURS), wrote=OURS).startswith("248.867.5309")


def test_half_of_our_lines_are_a_quote() -> None:
    lines = [line for line in OURS.splitlines() if line]
    assert quotes("\n".join(lines[: len(lines) // 2]), OURS)
    assert not quotes("\n".join(lines[: len(lines) // 2 - 1]), OURS)
    assert not quotes("likes blue", OURS)
    assert not quotes("", "")


@pytest.mark.parametrize(
    ("body", "second"),
    [
        (OURS, 0),
        (f"likes blue\n{OURS}", 0),
        (f"{OURS}\nyes", 0),  # nothing before it: it is the first line
        (f"likes blue\n{OURS}\nyes", 1),
        (f"likes blue\n\nand red\n{OURS}\n\nyes\nsigned", 4),
        (with_rep_text("likes blue", f"{OURS}\nyes"), 1),
    ],
)
def test_what_was_typed_behind_our_last_line_is_known(body: str, second: int) -> None:
    assert behind(body, rep_text(body, OURS), OURS) == second
