"""What stands behind a word of the answer grammar, in the notes and in a title of the rep's own: a thousand lines whose reading was fixed
first (see tests/tails.py), and ordinary words behind a yes or a no, which never close."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from followsync.core.history import Result
from followsync.core.marked import mark_of_line, mark_of_title
from followsync.core.marks import Answer
from tests import tails
from tests.phrases import TITLE
from tests.phrases import Answer as Typed
from tests.test_phrases import meant

MEANS = {
    "yes": tails.YES,
    "no": tails.NO,
    "attempt": tails.ATTEMPT,
    "done": tails.DONE,
    "next": tails.NEXT,
    "waiting": tails.WAITING,
}
MEANS_NOTHING = {
    "yes": tails.NOT_YES,
    "no": tails.NOT_NO,
    "attempt": tails.NOT_ATTEMPT,
    "done": tails.NOT_DONE,
    "next": tails.NOT_NEXT,
    "waiting": tails.NOT_WAITING,
}
CLOSES = (Result.YES, Result.NO)


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def read(line: str) -> str:
    means, when, *_ = meant(Typed(text=line, where="notes", means="note"))
    return means if means not in ("next", "waiting") or when else "unclear"


@pytest.mark.parametrize(("kind", "line"), [(kind, line) for kind, lines in MEANS.items() for line in lines])
def test_it_belongs_to_the_word(kind: str, line: str) -> None:
    assert read(line) == kind


@pytest.mark.parametrize(("kind", "line"), [(kind, line) for kind, lines in MEANS_NOTHING.items() for line in lines])
def test_it_says_something_else(kind: str, line: str) -> None:
    assert read(line) in ("unclear", "note")
    mark = mark_of_title(line, (TITLE,))
    assert not (isinstance(mark, Answer) and mark.result in CLOSES)


@pytest.mark.parametrize("kind", MEANS)
def test_the_lists_are_long_enough(kind: str) -> None:
    lines = (*MEANS[kind], *MEANS_NOTHING[kind])
    assert len(set(lines)) == len(lines) >= 80


@pytest.mark.parametrize("name", tails.NAMES)
def test_a_business_that_is_called_like_an_answer(name: str) -> None:
    """As a title of the rep's own, before our title, in small letters, with a remark, and with a day: it answers nothing."""
    assert mark_of_title(name, (TITLE,)) is None
    for line in (
        name,
        name.lower(),
        name.upper(),
        f"{name}, ask for Bob",
        f"{name}: closed Mondays",
        f"{name} - said yes",
        f"{name} Thu 2pm",
    ):
        for mark in (mark_of_line(line), mark_of_title(line, (TITLE,)), mark_of_title(f"{line} {TITLE}", (TITLE,))):
            assert not isinstance(mark, Answer), line


# Words of every day, none of which says a yes or a no again. Those that do are in the second list, to be mixed in.
PLAIN = words("""
    about above acme afternoon after against almost along also although always among angry another answer area around asked away
    back bad because before behind best better between big blue boat boss both box brother busy but buyer cafe call can car card
    chance check city client close coffee cold color come cost could cousin daughter day decide delivery different dinner discount
    dog door doubt down during early east else email enough even evening every except family far fast father few first fish follow
    food foot free friend from full game garden girl golf good green half hand happy hard head help here high home hope hour house
    how husband idea if interested invoice january job july just keep kind know lake large late later lead learn leave less letter
    life like line little long look lunch machine mail make man manager many march maybe meeting might monday month more morning
    most mother much must name near need never new next nice night nobody none north nothing now number off office old once only
    open option or other out outside over paint paper park part people perhaps phone picture pizza place plan play please point
    premium price problem question quick quite rain rather ready really red rent rest right river road room same samples school
    second see sell send seven shop short should side sister small snow some son soon south still stock store story street summer
    sun sure table talk tell than them then there thing think thought through time to together told tomorrow too town trial truck
    try under unless until up upon usually very visit wait walk wall want warm was water way weather week well west what when
    where whether which while white who why wife will window winter without woman wonder word work would wrong year yet young
""")
SAYING = words("""
    yes signed bought ordered sold won she they he not interested no too expensive went with us someone else thanks today
    yesterday 20 cases our offer the contract order a competitor finally and for $500 deal elsewhere got deposit paid staying
    current supplier
""")
CLOSERS = (
    "yes", "y", "Yes", "YES", "✓", "yep", "yeah", "sold", "signed", "won", "closed won", "no", "n", "No", "nope", "no thanks",
    "not interested", "no deal", "no sale", "lost", "closed lost", "went with someone else", "out of business",
)  # fmt: skip
GAPS = (" ", " ", ", ", ": ", " - ", " – ", "! ", ". ", " (", "; ", " and ")
# They stand in some closed tail: "seven cases", "many thanks", "from us".
INSIDE = words("""
    another both box few from just else happy hour hard interested job many night price right off old plan morning seven thing too
    to with was over then evening afternoon now
""")
FREE = tuple(word for word in PLAIN if word not in INSIDE)


def closing(line: str) -> bool:
    mark = mark_of_line(line)
    return isinstance(mark, Answer) and mark.result in CLOSES


@settings(max_examples=1500, deadline=None)
@example("yes", ", ", ["bought", "from", "acme"], "acme", 2)
@example("no", ", ", ["went", "with", "the", "premium", "plan"], "premium", 3)
@given(
    st.sampled_from(CLOSERS),
    st.sampled_from(GAPS),
    st.lists(st.one_of(st.sampled_from(SAYING), st.sampled_from(PLAIN)), max_size=5),
    st.sampled_from(FREE),
    st.integers(0, 5),
)
def test_nothing_closes_behind_which_stands_an_ordinary_word(word: str, gap: str, tail: list[str], free: str, place: int) -> None:
    assert not closing(word + gap + " ".join([*tail[:place], free, *tail[place:]]))


@settings(max_examples=1500, deadline=None)
@given(st.sampled_from([*tails.YES, *tails.NO]), st.sampled_from(FREE), st.integers(0, 12), st.sampled_from(["{} ", "{}, ", ", {} "]))
def test_one_ordinary_word_more_and_it_closes_no_longer(line: str, free: str, place: int, form: str) -> None:
    assert closing(line)
    typed = words(line)
    assert not closing(" ".join([*typed[:place], form.format(free).strip(), *typed[place:]]))
