"""The answer grammar: every token, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followsync.core.history import Result
from followsync.core.marks import Answer, Mark, Next, Wait, mark_of_line, mark_of_title

OURS = "Call Jenny to determine next steps – 248.867.5309"


@pytest.mark.parametrize(
    ("line", "result"),
    [
        *((text, Result.YES) for text in ("y", "Y", "yes", "YES!", " yes. ", "(yes)", "✓", "✔", "✔️", "☑", "✅", "ｙ")),
        *((text, Result.NO) for text in ("n", "N", "no", "No.", "no -")),
        *((text, Result.ATTEMPT) for text in ("x", "X", "no answer", "No  Answer", "left message", "left a message", "voicemail")),
        *((text, Result.DONE) for text in ("done", "Done!", "DONE:")),
    ],
)
def test_answer(line: str, result: Result) -> None:
    assert mark_of_line(line) == Answer(result)
    assert mark_of_title(f"{line} {OURS}", (OURS,)) == Answer(result)
    assert mark_of_title(line, (OURS,)) == Answer(result)


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("> thu pm send quote", Next("thu pm send quote")),
        (">thu", Next("thu")),
        (">> thu", Next("thu")),
        ("→ thu", Next("thu")),
        ("next: call Thursday 2pm to send the quote", Next("call Thursday 2pm to send the quote")),
        ("NEXT : thu", Next("thu")),
        ("waiting until Friday", Wait("until Friday")),
        ("Waiting for Friday", Wait("for Friday")),
        ("waiting room is full", None),
        ("next week maybe", None),
        ("yesterday", None),
        ("no problem", None),
        ("done deal", None),
        ("n/a", None),
        ("", None),
        ("   ", None),
        ("–", None),
    ],
)
def test_line(line: str, mark: Mark | None) -> None:
    assert mark_of_line(line) == mark


@pytest.mark.parametrize("title", [OURS, f"{OURS} y", f"Norah {OURS}", f"Ye{OURS}", "Call Jenny", OURS[5:], "Next-gen quote", "Yes Café"])
def test_the_reps_own_title(title: str) -> None:
    assert mark_of_title(title, (OURS,)) is None


def test_the_longest_title_it_may_have_had_counts() -> None:
    assert mark_of_title("y x Jenny", ("Jenny", "x Jenny")) == Answer(Result.YES)
    assert mark_of_title("x Jenny", ("Jenny", "x Jenny")) is None
    assert mark_of_title("y Jenny", ("", "Jenny")) == Answer(Result.YES)


@given(st.text(max_size=60), st.lists(st.text(max_size=20), max_size=3))
def test_no_text_is_too_strange(text: str, known: list[str]) -> None:
    mark_of_line(text)
    mark_of_title(text, tuple(known))
    assert mark_of_title(text, (text,)) in (None, mark_of_line(text))
