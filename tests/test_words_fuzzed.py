"""Hundreds of titles, lines and notes that nobody would type: words that reps use in any order, all of Unicode between them. Nothing
crashes, nothing typed is lost, and nothing is said that was not typed."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from followsync.capture import Capture, Next, parse_line, parse_next, parse_title, reads_as_capture
from followsync.core.history import Result
from followsync.core.marked import mark_of_line, mark_of_title
from followsync.core.marks import Answer, Doubt, Mark, Wait
from followsync.core.marks import Next as Agreed
from followsync.core.notes import plain_text
from followsync.errors import UsageError
from tests.core.builders import rep, rules

NOW = datetime(2026, 1, 6, 10, 15, tzinfo=ZoneInfo("America/Detroit"))
REP, RULES = rep(), rules()
OURS = "Call Jenny to determine next steps – 248.867.5309"
DATA = Path(__file__).parent / "data"
HUNDREDS = settings(max_examples=600, deadline=None)

TYPED = sorted({word for path in DATA.glob("captures*.txt") for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"
                for word in line.split(" => ")[0].split()})  # fmt: skip
STRANGE = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
NONSENSE = st.from_regex(r"q[bcdgjkvwxz]{3,6}", fullmatch=True)  # says nothing: it has to come out somewhere
PIECES = st.one_of(st.sampled_from(TYPED), st.sampled_from(TYPED), NONSENSE, STRANGE)
GAPS = st.sampled_from([" ", " ", " ", " ", ", ", " - ", " – ", "—", ". ", "\n", "  ", " / "])
LINES = st.lists(st.tuples(PIECES, GAPS), min_size=1, max_size=9).map(lambda pairs: "".join(piece + gap for piece, gap in pairs))

# What the grammar itself may add: what is handed over was "sent", what is talked about "about".
ADDED = {"because", "talk", "about", "send", "bring", "deliver", "drop", "off", "mail", "take", "get", "give", "see"}

OF_TIME = re.compile(  # without any of these nobody has named a day
    r"(?i)\d|mon|t[eu]+s|we[dn]|th?[ur]+|fr|sat|sun|jan|feb|mar|apr|may|ju[nl]|aug|sep|oct|nov|dec|tom|tmr|tmw|day|we*k|m[oth]+s|year|yr"
    r"|quarter|hour|min|eo[dwmqy]|christmas|thanksgiving|easter|labor|night|afternoon|morning|twelve|six|three|two|ten"
)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def nonsense(text: str) -> set[str]:
    return set(re.findall(r"(?<!\w)q[bcdgjkvwxz]{3,6}(?!\w)", text))


def told(said: Capture | Next) -> str:
    values = [getattr(said, name) for name in ("name", "person", "phone", "email", "purpose", "note", "agenda") if hasattr(said, name)]
    return " ".join(value if isinstance(value, str) else " ".join(value) for value in values)


def checked(said: Capture | Next, text: str) -> None:
    assert nonsense(text) <= words(told(said))
    assert words(told(said)) <= words(text) | ADDED
    if isinstance(said, Capture):
        assert said.name
        assert " ".join(said.phone.split()) in " ".join(text.split())  # a number may go on in the next line
        assert said.email in text
    if said.when:
        assert OF_TIME.search(text)
        assert said.when.start is None or said.when.start > NOW


@HUNDREDS
@example("CALL QBCDG THU 2PM—SEND QUOTE")
@example("qbcdg 2pm—visit qcbbb")
@example("$12,000, 0101 01/15/26")
@example("qbcdg 0101 0101\n0101")
@example("1—906-555-0110")
@given(LINES)
def test_a_line(text: str) -> None:
    try:
        said = parse_line(text, now=NOW, rep=REP, rules=RULES)
    except UsageError:
        assert not words(text) or words(text) - nonsense(text)  # what says nothing is taken for a name
        return
    checked(said, text)
    assert said == parse_line(text, now=NOW, rep=REP, rules=RULES)


@HUNDREDS
@example("agenda: qbcdg, qcbbb")
@given(LINES)
def test_an_agreement(text: str) -> None:
    try:
        said = parse_next(text, now=NOW, rep=REP, rules=RULES)
    except UsageError:
        assert not any(letter.isalnum() for letter in text)
        return
    checked(said, text)


@HUNDREDS
@example("📞 Call Qbcdg about the quote")
@given(LINES)
def test_a_title(text: str) -> None:
    follow_up = reads_as_capture(text, RULES)
    try:
        said = parse_title(text, rules=RULES, rep=REP, now=NOW)
    except UsageError:
        return
    checked(said, text)
    assert said.when is None
    if follow_up:
        assert said.method in RULES.methods


# -- answers -------------------------------------------------------------------------------------------------------------------------------

ANSWERS = (
    "y", "yes", "✓", "n", "no", "not interested", "x", "no answer", "lm", "left message", "voicemail", "called, no answer", "done", ">",
    "next:", "waiting until", "👍", "❌", "n/a", "yep", "sold", "call", "thu 2pm", "try again friday", "but", "?", "signed", "she liked it",
)  # fmt: skip
NOTES = st.lists(st.tuples(st.one_of(st.sampled_from(ANSWERS), NONSENSE, STRANGE), GAPS), min_size=1, max_size=8).map(
    lambda pairs: "".join(piece + gap for piece, gap in pairs)
)


def kept(mark: Mark) -> str:
    match mark:
        case Answer(rest=rest):
            return rest
        case Agreed(text=text, said=said) | Wait(text=text, said=said):
            return f"{said} {text}"
        case Doubt(text=text):
            return text


@HUNDREDS
@example("done: qbcdg")
@example("called, no answer, qbcdg")
@given(NOTES)
def test_a_line_of_notes(text: str) -> None:
    line = " ".join(plain_text(text).splitlines())
    mark = mark_of_line(line)
    if mark is not None:
        assert nonsense(line) <= words(kept(mark))
        assert words(kept(mark)) <= words(line) | {"no", "yes", "answer", "left", "message", "voicemail"}
    if mark is not None and not isinstance(mark, Doubt):
        assert any(words(one) <= words(line) and one.split()[0].strip(",:") in line.casefold() for one in SAYS[_meaning(mark)])


SAYS = {
    "yes": ("y", "yes", "✓", "yep", "sold", "signed"),
    "no": ("n", "no", "not interested"),
    "attempt": ("x", "no answer", "lm", "left message", "voicemail"),
    "done": ("done",),
    "next": (">", "→", "➡", "⇒", "next", "call", "thu 2pm", "try again friday"),
    "waiting": ("waiting",),
}


def _meaning(mark: Answer | Agreed | Wait) -> str:
    if isinstance(mark, Answer):
        return {Result.YES: "yes", Result.NO: "no", Result.ATTEMPT: "attempt"}.get(mark.result, "done")
    return "next" if isinstance(mark, Agreed) else "waiting"


@HUNDREDS
@given(st.lists(st.one_of(NONSENSE, STRANGE), max_size=6).map(" ".join))
def test_what_holds_no_word_of_the_grammar_answers_nothing(text: str) -> None:
    line = " ".join(plain_text(f"qbcdg {text}").splitlines())
    assert mark_of_line(line) is None
    assert mark_of_title(line, (OURS,)) is None


@HUNDREDS
@given(NOTES)
def test_before_our_title_and_in_the_notes_an_answer_means_the_same(text: str) -> None:
    line = " ".join(" ".join(plain_text(text).splitlines()).split())
    assert mark_of_title(f"{line} {OURS}", (OURS,)) == mark_of_line(line)
