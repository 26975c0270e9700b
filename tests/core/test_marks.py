"""The answer grammar: every word, what may follow it, and what only looks like an answer."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followsync.core.history import Result
from followsync.core.marked import mark_of_line, mark_of_title
from followsync.core.marks import Answer, Doubt, Mark, Next, Wait

OURS = "Call Jenny to determine next steps – 248.867.5309"
YES, NO, DONE, ATTEMPT = Result.YES, Result.NO, Result.DONE, Result.ATTEMPT

ALONE = [
    *(
        (text, Answer(YES))
        for text in ("y", "Y", "yes", "YES!", " yes. ", "(yes)", "✓", "✔", "✔️", "☑", "✅", "🗸", "ｙ", "ＹＥＳ！", "“yes”")
    ),
    *((text, Answer(YES)) for text in ("yes 🎉", "yes ✅", "✅🎉", "*yes*", "\u200byes\u200b", "yes\u00a0", "- yes", "YES!!!")),
    *((text, Answer(YES)) for text in ("\u200eyes", "\u202ayes\u202c", "\ufeffyes", "\u2066yes\u2069", "\u200fy\u200f")),
    *((text, Answer(NO)) for text in ("n", "N", "no", "No.", "no -", "no –", "Ｎｏ", "‘no’")),
    *((text, Answer(ATTEMPT)) for text in ("x", "X", "no answer", "No  Answer", "no\u00a0answer…", "didn’t answer", "no reply", "ｘ")),
    *((text, Answer(ATTEMPT, "left message")) for text in ("left message", "left a message", "Left msg.")),
    *((text, Answer(ATTEMPT, "voicemail")) for text in ("voicemail", "left voicemail", "left a voice mail", "LEFT VM")),
    *((text, Answer(DONE)) for text in ("done", "Done!", "DONE:", "done...", "done —", "done ✓", "done 👍🏽")),
]


@pytest.mark.parametrize(("line", "answer"), ALONE)
def test_a_word_alone(line: str, answer: Answer) -> None:
    assert mark_of_line(line) == answer
    assert mark_of_title(f"{line} {OURS}", (OURS,)) == answer
    assert mark_of_title(line, (OURS,)) == answer


AGREED = [
    ("> thu pm send quote", Next("thu pm send quote")),
    (">thu", Next("thu")),
    (">> thu", Next("thu")),
    ("＞ thu", Next("thu")),
    ("→ thu", Next("thu")),
    ("-> thu", Next("thu")),
    ("=> thu", Next("thu")),
    ("- > thu", Next("thu")),
    ("next: call Thursday 2pm to send the quote", Next("call Thursday 2pm to send the quote")),
    ("NEXT : thu", Next("thu")),
    ("Next：thu", Next("thu")),
    ("next step: thu", Next("thu")),
    ("> thu – send ½ of the “new” quote", Next("thu – send ½ of the “new” quote")),
    (">", Next("")),
    ("waiting until Friday", Wait("until Friday")),
    ("Waiting for Friday", Wait("for Friday")),
    ("waiting till Friday", Wait("till Friday")),
    ("wait until Friday", Wait("until Friday")),
    # an answer, and an agreement behind it
    ("done > thu 2pm send quote", Next("thu 2pm send quote")),
    ("done, next: thu 2pm send quote", Next("thu 2pm send quote")),
    ("done, talked to Bob > thu 2pm send quote", Next("thu 2pm send quote", said="talked to Bob")),
    ("done, waiting until Friday", Wait("until Friday")),
    ("left message, waiting until Friday", Wait("until Friday", ATTEMPT, "left message")),
    ("x > fri 10am try again", Next("fri 10am try again", ATTEMPT, "no answer")),
    ("no answer, try friday", Next("try friday", ATTEMPT, "no answer")),
    ("left message, will try again friday 10am", Next("try again friday 10am", ATTEMPT, "left message")),
    ("no answer, left message, try friday", Next("try friday", ATTEMPT, "left message")),
    ("yes > thu 2pm sign", Next("thu 2pm sign", said="yes")),
    ("yes, call thu 2pm", Next("call thu 2pm", said="yes")),
    ("yes, Thursday 2pm", Next("Thursday 2pm", said="yes")),
    ("Yes – please call back Monday", Next("call back Monday", said="yes")),
    ("no, call back in March", Next("call back in March", said="no")),
    ("no but call me in two weeks", Next("call me in two weeks", said="no")),
    ("n > march", Next("march", said="no")),
    ("done thu pm send quote", Next("thu pm send quote")),
    ("no problem, call Monday", Next("call Monday", said="no problem")),
    ("No worries – please call back Monday 2pm", Next("call back Monday 2pm", said="no worries")),
    ("done, call her tomorrow", Next("call her tomorrow")),
    ("✓ call thu 2pm", Next("call thu 2pm", said="yes")),
]


@pytest.mark.parametrize(("line", "mark"), AGREED)
def test_an_agreement(line: str, mark: Mark) -> None:
    assert mark_of_line(line) == mark
    assert mark_of_title(f"{line} {OURS}", (OURS,)) == mark
    assert mark_of_title(line, (OURS,)) == mark


NOTED = [
    ("done: talked to Bob, he likes it", Answer(DONE, rest="talked to Bob, he likes it")),
    ("Done – he likes the email", Answer(DONE, rest="he likes the email")),
    ("done. Sent the brochure.", Answer(DONE, rest="Sent the brochure.")),
    ("done (sat with the owner, he may buy)", Answer(DONE, rest="(sat with the owner, he may buy)")),
    ("done: talked to “Bob” – he’s in", Answer(DONE, rest="talked to “Bob” – he’s in")),
    ("done yesterday", Answer(DONE, rest="yesterday")),
    ("done, left message", Answer(ATTEMPT, "left message")),
    ("x, left voicemail", Answer(ATTEMPT, "voicemail")),
    ("no answer - left a message", Answer(ATTEMPT, "left message")),
    ("left message with his wife", Answer(ATTEMPT, "left message", "with his wife")),
    ("no answer again", Answer(ATTEMPT, rest="again")),
    ("x: they are closed", Answer(ATTEMPT, rest="they are closed")),
    ("no, too expensive", Answer(NO, rest="too expensive")),
    ("no, thanks", Answer(NO, rest="thanks")),
    ("n – not interested, they went with a competitor", Answer(NO, rest="not interested, they went with a competitor")),
    ("yes, signed today", Answer(YES, rest="signed today")),
    ("yes: she bought 20 cases", Answer(YES, rest="she bought 20 cases")),
    ("yes, got the order", Answer(YES, rest="got the order")),
    ("no, closed lost", Answer(NO, rest="closed lost")),
    ("✓ signed", Answer(YES, rest="signed")),
]


@pytest.mark.parametrize(("line", "answer"), NOTED)
def test_a_word_and_a_note(line: str, answer: Answer) -> None:
    assert mark_of_line(line) == answer
    assert mark_of_title(f"{line} {OURS}", (OURS,)) == answer


DOUBTFUL = (
    "left message, she is back Monday",
    "no answer, he is out until Friday",
    "done: will send the quote",
    "done, call him",
    "done thursday",
    "x friday",
    "y monday",
    "no Fridays please",
    "no, she is not in",
    "no, not now",
    "no, no need to call",
    "no, later",
    "no, too expensive until June",
    "no, thanks but maybe next year",
    "yes but call thu 2pm",
    "y, but call back in March",
    "yes, she liked it",
    "yes, not signed yet",
    "yes, signed with Acme",
    "yes, if the price drops",
    "yes, signed; delivery Thursday",
    "done: not interested",
    "done, signed",
    "done, not yet",
    "x, she called back",
    "done?",
    "yes?",
    "no!?",
    "done, yes",
    "no, done",
    "x ✓",
    "❌",
    "✖️",
    "n/a",
    "N/A.",
    "na",
    "y/n",
    "lost",
    "Lost!",
    "👍",
    "👍🏽👍🏽",
    "not interested right now",
)


@pytest.mark.parametrize("line", DOUBTFUL)
def test_an_answer_that_cannot_be_relied_on(line: str) -> None:
    assert mark_of_line(line) == Doubt(line)
    assert mark_of_title(f"{line} {OURS}", (OURS,)) == Doubt(line)


@pytest.mark.parametrize(
    "line",
    [
        "waiting room is full",
        "next week maybe",
        "yesterday",
        "no problem",
        "done deal",
        "no/yes",
        "yes-man",
        "no-one there",
        "done's",
        "N. Smith called",
        "No. 5 is the one",
        "Norah",
        "xmas party",
        "✓ brochure sent",
        "wait for it",
        "lefty",
        "? yes",
        "<3",
        "",
        "   ",
        "–",
    ],
)
def test_text(line: str) -> None:
    assert mark_of_line(line) is None


@pytest.mark.parametrize(
    "title",
    [
        OURS,
        OURS.upper(),
        OURS.replace("–", "-").replace(" ", "\u00a0"),
        f"{OURS} y",
        f"Norah {OURS}",
        f"Ye{OURS}",
        "Call Jenny",
        OURS[5:],
        "Next-gen quote",
        "Norah",
        "Yes Café",
        "Yes, call Jenny",
        "Yes! Fitness",
        "No Frills Grocery",
        "No. 5 Perfume",
        "No, Thanks (band)",
        "Done Deal Motors",
        "Done: Dishes",
        "X-ray clinic",
        "X – ray machine",
        "N. Smith & Sons",
        "n, o and p",
        "Left Bank Café",
        "Voicemail Systems Inc",
        "No Answer Records",
        "Waiting room Films",
        "Next: the clothing store"[4:],
        "✓ Call Jenny",
    ],
)
def test_the_reps_own_title(title: str) -> None:
    assert mark_of_title(title, (OURS,)) is None


@pytest.mark.parametrize("title", [f"y{OURS}", f"Y {OURS.lower()}", f"Y {OURS.replace('–', '-')}", f"y\u00a0{OURS}"])
def test_a_phone_that_respells_our_title(title: str) -> None:
    assert mark_of_title(title, (OURS,)) == Answer(YES)


@pytest.mark.parametrize("line", ["y", "✓", "done", "no answer", "x friday"])
def test_a_server_that_cuts_long_titles_takes_from_the_end_of_ours(line: str) -> None:
    assert mark_of_title(f"{line} {OURS}"[: len(OURS)], (OURS,)) == mark_of_title(f"{line} {OURS}", (OURS,))
    assert mark_of_title(OURS[:-5], (OURS,)) is None
    assert mark_of_title("Done with Call Jenny", (OURS,)) is None  # too little of it is left to tell


def test_the_longest_title_it_may_have_had_counts() -> None:
    assert mark_of_title("y x Jenny", ("Jenny", "x Jenny")) == Answer(YES)
    assert mark_of_title("x Jenny", ("Jenny", "x Jenny")) is None
    assert mark_of_title("y Jenny", ("", "Jenny")) == Answer(YES)
    assert mark_of_title("Nora", ("Ora",)) is None  # a name is no answer before another


WORDS = ("y", "yes", "✓", "n", "no", "x", "no answer", "left message", "voicemail", "done")
TELLING = ("> thu 2pm", ", call back in March", " but call thu 2pm", ": fri 10am", ", try again friday", " – she is back Monday", "?")


@given(st.sampled_from(WORDS), st.sampled_from(TELLING))
def test_what_contradicts_or_adds_an_agreement_is_never_the_bare_word(word: str, more: str) -> None:
    mark = mark_of_line(word + more)
    assert not isinstance(mark, Answer)
    if more != "?" and "back Monday" not in more:
        assert isinstance(mark, Doubt if "but" in more and word in ("y", "yes", "✓") else Next)


@given(st.sampled_from(WORDS), st.text(max_size=40))
def test_nothing_behind_a_word_is_lost(word: str, more: str) -> None:
    match mark_of_line(f"{word}: a{more}b"):
        case Answer(rest=kept) | Next(text=kept) | Wait(text=kept) | Doubt(text=kept):
            assert kept.endswith("b")
        case None:
            pass


@given(st.text(max_size=60), st.lists(st.text(max_size=20), max_size=3))
def test_no_text_is_too_strange(text: str, known: list[str]) -> None:
    mark_of_line(text)
    mark_of_title(text, tuple(known))
    assert mark_of_title(text, (text,)) is None or not text.strip()


@pytest.mark.parametrize(
    "piece", ["done ", "x,", "no, ", "> ", "-", " ", "x but and ", "in a week ", "call ", "then so ", "1", "✓", "?!", "maybe "]
)
def test_a_long_line_is_read_quickly(piece: str) -> None:
    for line in (
        piece * 20_000,
        f"> {piece * 20_000}x",
        f"waiting until {piece * 20_000}x",
        f"done, {piece * (900 // len(piece))}",
        f"no {piece * (900 // len(piece))}",
    ):
        began = process_time()
        mark_of_line(line)
        assert process_time() - began < 0.5  # seconds of CPU; it takes a tenth of that


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("yes—signed", Answer(YES, rest="signed")),
        ("no—too expensive", Answer(NO, rest="too expensive")),
        ("n--too expensive", Answer(NO, rest="too expensive")),
        ("no–she is not in", Doubt("no–she is not in")),
        ("no- too expensive", Answer(NO, rest="too expensive")),
        ("didn’t answer—left message", Answer(ATTEMPT, "left message")),
        ("DONE—CALL HIM THURSDAY 2PM", Next("CALL HIM THURSDAY 2PM")),
        ("yes—call “Bob” thu 2pm", Next("call “Bob” thu 2pm", said="yes")),
        ("no—show", Doubt("no—show")),
        ("X–ray delivered", None),
        # a hyphen makes another word, so it closes nothing
        ("yes-signed", Doubt("yes-signed")),
        ("Yes-they want it", Doubt("Yes-they want it")),
        ("done-call him thu 2pm", Doubt("done-call him thu 2pm")),
        *((text, None) for text in ("no-show", "no-show thursday", "yes-man", "done-deal", "X-ray", "X- ray", "N-type", "lost-and-found")),
        # an arrow that a keyboard offers
        ("› thu 2pm visit", Next("thu 2pm visit")),
        ("» thu 2pm visit", Next("thu 2pm visit")),
        ("done » thu 2pm visit", Next("thu 2pm visit")),
        ("»", Next("")),
        ("»yes«", Answer(YES)),
        ("» thu 2pm visit «", None),
    ],
)
def test_a_dash_without_blanks_and_an_arrow(line: str, mark: Mark | None) -> None:
    assert mark_of_line(line) == mark
    assert mark_of_title(f"{line} {OURS}", (OURS,)) == mark
