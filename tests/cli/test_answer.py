from __future__ import annotations

from datetime import UTC, datetime

import pytest

from followsync.core.history import Dismissed, Kind
from followsync.store import open_store
from tests import stores
from tests.cli.conftest import PROSPECT, Cli


@pytest.fixture
def jenny(cli: Cli) -> Cli:
    cli.ok("add", "Call Jenny 248.867.5309 today 2pm to determine next steps", "--agenda", "price", "--person", "Jenny Ray")
    return cli


@pytest.mark.parametrize("outcome", ["yes", "no"])
def test_yes_and_no_close_for_good(jenny: Cli, outcome: str) -> None:
    logged = jenny.ok("log", "jenny", outcome, "--note", "as they said")
    assert (set(logged), logged["state"], logged["next_action"]) == (PROSPECT, outcome, None)
    for again in ("yes", "next", "done", "no-answer"):
        run = jenny("log", "jenny", again, "friday")
        assert (run.code, f"closed with {outcome}" in run.err) == (2, True)
    assert "as they said" in jenny("show", "jenny").out


def test_next_is_a_promise_that_inherits_what_it_does_not_say(jenny: Cli) -> None:
    action = jenny.ok("log", "jenny", "next", "coffee Friday 3pm to review the quote")["next_action"]
    assert (action["kind"], action["method"], action["purpose"]) == ("promise", "coffee", "review the quote")
    assert (action["start"], action["agenda"]) == ("2026-01-09T15:00:00-05:00", ["price"])
    action = jenny.ok("log", "jenny", "next", "Monday", "--agenda", "terms")["next_action"]
    assert (action["method"], action["due"], action["agenda"]) == ("coffee", "2026-01-12", ["terms"])


@pytest.mark.parametrize("text", [["sometime"], []])
def test_next_without_a_day_writes_nothing(jenny: Cli, text: list[str]) -> None:
    before = jenny.ok("show", "jenny")
    run = jenny("log", "jenny", "next", *text, "--stage", "pitched")
    assert (run.code, run.out) == (2, "")
    assert "names no day" in run.err
    assert jenny.ok("show", "jenny") == before


@pytest.mark.parametrize("word", [["no-answer"], ["left-message"], ["no", "answer"], ["left message"], ["No-Answer"]])
def test_an_attempt_is_tried_again(jenny: Cli, word: list[str]) -> None:
    logged = jenny.ok("log", "jenny", *word)
    assert (logged["state"], logged["next_action"]["kind"], logged["next_action"]["attempt"]) == ("open", "retry", 2)
    assert (logged["next_action"]["purpose"], logged["next_action"]["due"] > "2026-01-06") == ("determine next steps", True)


@pytest.mark.parametrize(("word", "said"), [("no-answer", "no answer"), ("left-message", "left message")])
def test_a_message_is_told_from_no_answer_everywhere(jenny: Cli, word: str, said: str) -> None:
    assert f"Logged for Jenny (jenny): {said}." in jenny("log", "jenny", word, "her", "sister", "spoke").out
    jenny("sync")
    (other,) = {"no answer", "left message"} - {said}
    entry = (jenny.folder / "follow-ups.ics").read_text().replace("\r\n ", "").replace("\n ", "")
    told = {
        "show": jenny("show", "jenny").out,
        "why": jenny("why", "jenny").out,
        "undo": jenny("undo").out,
        "the entry": entry.partition("Answer:")[0],
    }
    for where, text in told.items():
        assert (said in text, other in text) == (True, False), where
    assert f"Attempt 2 ({said} on Tue)" in entry
    (touch,) = (one["text"] for one in jenny.ok("show", "jenny")["history"] if one["type"] == "touched")
    assert touch == f"Call to determine next steps: {said} (her sister spoke)."


def test_done_leaves_it_open(jenny: Cli) -> None:
    logged = jenny.ok("log", "jenny", "done", "she", "likes", "it")
    assert (logged["state"], logged["next_action"]["kind"]) == ("open", "decide")
    assert any("she likes it" in one["text"] for one in jenny.ok("show", "jenny")["history"])


@pytest.mark.parametrize(
    ("words", "result", "action"),
    [
        (["done", "> thu 2pm send quote"], "next", ("promise", "2026-01-08T14:00:00-05:00")),
        (["done", "all fine, next: call Monday 9am to sign"], "next", ("promise", "2026-01-12T09:00:00-05:00")),
        (["no-answer", "try again Friday 10am"], "attempt", ("promise", "2026-01-09T10:00:00-05:00")),
        (["left-message", "she likes it\n> thu 2pm sign"], "attempt", ("promise", "2026-01-08T14:00:00-05:00")),
        (["done", "waiting until Friday"], "done", ("step", "2026-01-09T09:00:00-05:00")),
        (["done", "waiting until Friday 3pm"], "done", ("step", "2026-01-09T15:00:00-05:00")),
        (["waiting", "until Friday afternoon"], "done", ("step", "2026-01-09T13:00:00-05:00")),
        (["yes", "> thu 2pm sign"], "next", ("promise", "2026-01-08T14:00:00-05:00")),
        (["no", "call back Monday 9am"], "next", ("promise", "2026-01-12T09:00:00-05:00")),
    ],
)
def test_what_was_agreed_is_agreed_behind_any_word(jenny: Cli, words: list[str], result: str, action: tuple[str, str]) -> None:
    """As on the calendar, and nothing closes that has an agreement."""
    logged = jenny.ok("log", "jenny", *words)
    assert (logged["state"], logged["next_action"]["kind"], logged["next_action"]["start"]) == ("open", *action)
    (touch,) = (one for one in jenny.ok("show", "jenny")["history"] if one["type"] == "touched")
    told = {"next": "next step agreed", "attempt": "no answer", "done": "done"}[result]
    assert told in touch["text"], touch


def test_what_only_may_be_an_agreement_is_a_note_and_says_so(jenny: Cli) -> None:
    run = jenny("log", "jenny", "done", "will send the quote")
    assert "Kept as a note: 'will send the quote'. If it was agreed, say it: followsync log jenny next" in run.out
    assert "Kept" not in jenny("log", "jenny", "done", "she likes it").out
    assert "not closed: something was agreed" in jenny("log", "jenny", "no", "call back Monday 9am").out


def test_waiting_is_a_dated_check(jenny: Cli) -> None:
    action = jenny.ok("log", "jenny", "waiting", "until Friday")["next_action"]
    assert (action["due"], action["title"].startswith("Check whether")) == ("2026-01-09", True)
    assert jenny("log", "jenny", "waiting", "until they call").code == 2


@pytest.mark.parametrize("outcome", ["maybe", "won", "y", ""])
def test_a_fourth_outcome_is_impossible(jenny: Cli, outcome: str) -> None:
    before = jenny.ok("show", "jenny")
    run = jenny("log", "jenny", outcome)
    assert (run.code, run.out) == (2, "")
    assert "yes, no or next" in run.err
    assert jenny.ok("show", "jenny") == before


def test_the_worksheets_recap_is_kept(jenny: Cli) -> None:
    recap = ["--asked-for-order", "yes", "--objection", "price", "--objection", "time", "--benefit", "speed", "--progress", "no"]
    days = ["--proposal-due", "2026-01-20", "--order-due", "2026-02-02", "--learned", "two ovens", "--close-step", "a trial"]
    jenny.ok("log", "jenny", "done", *recap, *days)
    shown = jenny.ok("show", "jenny")
    assert shown["fields"] == {"learned": "two ovens", "close_step": "a trial", "proposal_due": "2026-01-20", "order_due": "2026-02-02"}
    touch = next(one["text"] for one in shown["history"] if one["type"] == "touched")
    for part in ("asked for order: yes", "objection: price; time", "benefit: speed", "progress: no", "close step: a trial"):
        assert part in touch
    assert jenny("log", "jenny", "done", "--progress", "perhaps").code == 2
    assert jenny("log", "jenny", "done", "--proposal-due", "soon").code == 2


@pytest.mark.parametrize("who", ["jenny", "JEN", "Jenny Ray", "248-867-5309", "(248) 867 5309", "Jenny@Example.org"])
def test_who_may_be_said_in_many_ways(jenny: Cli, who: str) -> None:
    jenny.ok("edit", "jenny", "--email", "jenny@example.org")
    jenny.ok("add", "Call Bob Friday 10am")
    assert jenny.ok("log", who, "done")["id"] == "jenny"


def test_an_ambiguous_name_lists_them(jenny: Cli) -> None:
    jenny.ok("add", "Call Jennifer Friday 10am")
    run = jenny("log", "jenn", "done")
    assert (run.code, "jenny" in run.err, "jennifer" in run.err) == (2, True, True)
    assert jenny.ok("log", "jenni", "done")["id"] == "jennifer"
    assert jenny("log", "zoe", "done").code == 2


def test_a_name_of_several_words_needs_no_quotes(cli: Cli) -> None:
    cli.ok("add", "Joe's Diner")
    assert cli.ok("log", "joe's", "diner", "done")["id"] == "joes-diner"


def test_a_day_said_to_the_question_about_a_deleted_entry_is_about_that_entry(jenny: Cli) -> None:
    action = jenny.ok("list")[0]["next_action"]["id"]
    store = open_store(stores.url(jenny.folder / "state" / "followsync.db"))
    with store.writing() as tx:
        tx.append("jenny", Dismissed(datetime(2026, 1, 6, 15, tzinfo=UTC), "calendar:phone", action, Kind.PROMISE, "Call Jenny"))
    store.close()
    assert jenny.ok("list")[0]["next_action"]["purpose"] == "drop, or when?"
    agreed = jenny.ok("log", "jenny", "next", "Friday 3pm")["next_action"]
    assert (agreed["method"], agreed["purpose"], agreed["agenda"]) == ("call", "determine next steps", ["price"])
