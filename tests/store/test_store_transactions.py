"""What can be asked and changed, on a real file."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from followsync.core.history import Captured, Entry, Noted, Promised, Result, Touched
from followsync.core.item import Form, Item, State, Written
from followsync.core.prospect import Loan, Prospect
from followsync.core.target import TargetState
from followsync.errors import StoreError, UsageError
from followsync.store import Store, Transaction, open_store, questions
from followsync.store.dialect import Question
from tests import stores

NOW = datetime(2026, 3, 2, 17, tzinfo=UTC)
JOE = Prospect("joe", "dana", "Joe's Diner", person="Jenny", phone="248.867.5309", fields={"met": "2026-03-01"})
CAPTURED = Captured(NOW, "cli", "Joe's Diner, Jenny")


def touched(result: Result) -> Touched:
    return Touched(NOW, "cli", result)


def capture(store: Store, *prospects: Prospect) -> None:
    with store.writing() as tx:
        for prospect in prospects:
            tx.capture(prospect, CAPTURED)


def test_a_captured_prospect_stands_with_its_history(store: Store) -> None:
    promise = Promised(NOW, "cli", "call", date(2026, 3, 5), start=NOW + timedelta(days=3))
    with store.writing() as tx:
        tx.capture(JOE, CAPTURED, promise)
        assert tx.prospect("joe") == JOE
    with store.reading() as tx:
        assert tx.prospect("joe") == JOE
        assert tx.history("joe") == (CAPTURED, promise)
        assert tx.outcome("joe") is None
        assert tx.prospect("nobody") is None
        assert tx.history("nobody") == ()
        assert tx.outcome("nobody") is None


def test_nothing_is_captured_without_its_capture(store: Store) -> None:
    with pytest.raises(UsageError, match="capture"), store.writing() as tx:
        tx.capture(JOE, Noted(NOW, "cli", "no capture"))
    with store.reading() as tx:
        assert tx.prospects() == []


def test_a_taken_id_is_refused_and_the_first_one_stays(store: Store) -> None:
    capture(store, JOE)
    with pytest.raises(UsageError, match="already"), store.writing() as tx:
        tx.capture(replace(JOE, name="Another"), CAPTURED)
    with store.reading() as tx:
        assert tx.prospects() == [JOE]
        assert tx.history("joe") == (CAPTURED,)


def test_lists_are_by_rep_open_or_not_and_ordered(store: Store) -> None:
    ann, bob, cy = Prospect("a", "dana", "A"), Prospect("b", "kim", "B"), Prospect("c", "dana", "C")
    capture(store, cy, bob, ann)
    with store.writing() as tx:
        tx.append("c", touched(Result.NO))
        tx.append("a", Noted(NOW, "cli", "first"))
        tx.append("b", touched(Result.YES))
        tx.append("a", Noted(NOW, "cli", "second"))
    with store.reading() as tx:
        assert tx.prospects() == [ann, bob, cy]
        assert tx.prospects("dana") == [ann, cy]
        assert tx.prospects("dana", open_only=True) == [ann]
        assert tx.prospects(open_only=True) == [ann]
        assert tx.prospects("nobody") == []
        of_ann = (CAPTURED, Noted(NOW, "cli", "first"), Noted(NOW, "cli", "second"))
        of_cy = (CAPTURED, touched(Result.NO))
        assert list(tx.histories().items()) == [("a", of_ann), ("b", (CAPTURED, touched(Result.YES))), ("c", of_cy)]
        assert tx.histories("dana") == {"a": of_ann, "c": of_cy}
        assert tx.histories("dana", open_only=True) == {"a": of_ann}
        assert tx.histories(open_only=True) == {"a": of_ann}
        assert tx.outcomes() == {"b": Result.YES, "c": Result.NO}
        assert tx.outcomes("dana") == {"c": Result.NO}
        assert tx.outcome("b") is Result.YES


def test_changed_fields_are_saved_and_leave_the_rest(store: Store) -> None:
    capture(store, JOE)
    with store.writing() as tx:
        tx.append("joe", touched(Result.YES))
        tx.save(replace(JOE, rep="kim", phone="1"))
    with store.reading() as tx:
        assert tx.prospects("kim") == [replace(JOE, rep="kim", phone="1")]
        assert tx.prospects("dana") == []
        assert tx.outcome("joe") is Result.YES
        assert len(tx.history("joe")) == 2


@pytest.mark.parametrize("result", [Result.NEXT, Result.DONE, Result.ATTEMPT])
def test_only_yes_and_no_close(store: Store, result: Result) -> None:
    capture(store, JOE)
    with store.writing() as tx:
        tx.append("joe", touched(result), touched(result))
    with store.reading() as tx:
        assert tx.prospects(open_only=True) == [JOE]
        assert tx.outcome("joe") is None


@pytest.mark.parametrize("later", [Result.YES, Result.NO, Result.NEXT])
@pytest.mark.parametrize("closing", [Result.YES, Result.NO])
def test_a_closed_one_takes_no_further_outcome(store: Store, closing: Result, later: Result) -> None:
    capture(store, JOE)
    with store.writing() as tx:
        tx.append("joe", touched(closing))
    with pytest.raises(UsageError, match=f"closed with {closing.value}"), store.writing() as tx:
        tx.append("joe", Noted(NOW, "cli", "goes with it"), touched(later))
    with pytest.raises(UsageError, match="closed"), store.writing() as tx:
        tx.capture(replace(JOE, id="other"), CAPTURED, touched(closing), touched(later))
    with store.reading() as tx:
        assert tx.histories() == {"joe": (CAPTURED, touched(closing))}
        assert tx.outcome("joe") is closing


@pytest.mark.parametrize(
    "later",
    [touched(Result.ATTEMPT), touched(Result.DONE), Noted(NOW, "cli", "x"), Promised(NOW, "cli", "call", date(2026, 4, 1)), CAPTURED],
)
def test_no_later_fact_opens_a_closed_one(store: Store, later: Entry) -> None:
    with store.writing() as tx:
        tx.capture(JOE, CAPTURED, touched(Result.NO))
    with store.writing() as tx:
        tx.append("joe", later)
        tx.save(JOE)
    with store.reading() as tx:
        assert tx.history("joe")[-1] == later
        assert tx.outcome("joe") is Result.NO
        assert tx.prospects(open_only=True) == []


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "change",
    [
        "SET open = 0",
        "SET open = 0, outcome = 'next'",
        "SET open = 0, outcome = 'YES'",
        "SET open = 0, outcome = NULL",
        "SET outcome = 'later'",
        "SET outcome = 'yes'",
        "SET open = NULL, outcome = 'later'",
        "SET open = NULL",
        "SET open = 2, outcome = 'yes'",
        "SET open = 'no'",
        "SET open = '', outcome = ''",
    ],
)
def test_raw_sql_cannot_close_without_yes_or_no(store: Store, path: Path, change: str) -> None:
    capture(store, JOE)
    with sqlite3.connect(path) as raw, pytest.raises(sqlite3.IntegrityError):
        raw.execute(f"UPDATE prospect {change}")
    with sqlite3.connect(path) as raw, pytest.raises(sqlite3.IntegrityError):
        raw.execute("INSERT OR REPLACE INTO prospect SELECT 'joe', rep, 0, '', captured_at, data, '' FROM prospect")
    with store.reading() as tx:
        assert tx.prospects(open_only=True) == [JOE]


@pytest.mark.parametrize("outcome", ["yes", "no"])
def test_raw_sql_may_close_with_yes_or_no(store: Store, path: Path, outcome: str) -> None:
    capture(store, JOE)
    stores.sql(path, f"UPDATE prospect SET open = false, outcome = '{outcome}'")
    with store.reading() as tx:
        assert tx.outcome("joe") is Result(outcome)


def test_an_unknown_prospect_is_a_usage_error(store: Store) -> None:
    with store.writing() as tx:
        for change in (lambda: tx.save(JOE), lambda: tx.append("joe", CAPTURED), lambda: tx.remove("joe")):
            with pytest.raises(UsageError, match="no such prospect"):
                change()


def test_a_removed_person_leaves_only_what_must_be_deleted_from_the_calendar(store: Store, path: Path) -> None:
    other = Prospect("other", "dana", "Other")
    row = Written("phone", "a1", "joe", "/a1.ics")
    capture(store, JOE, other)
    with store.writing() as tx:
        tx.save_written("dana", row)
        tx.remove("joe")
    with store.reading() as tx:
        assert tx.prospects() == [other]
        assert tx.histories() == {"other": (CAPTURED,)}
        assert tx.written("dana") == [row]
    store.close()
    if stores.kind == "sqlite":
        assert b"867.5309" not in path.read_bytes()


def item(title: str) -> Item:
    return Item("u1", Form.EVENT, title, "body\nline", NOW, NOW + timedelta(minutes=15), alarms=(15, 60), prospect="joe")


def test_written_rows_are_kept_by_rep_target_and_action(store: Store) -> None:
    first = Written("phone", "a1", "joe", "/a1.ics", etag='"1"', raw="BEGIN\r\nÄ\0", ours=item("x"), agreed=item("y"), intended=item("z"))
    second = Written("phone", "a2", "joe", "/a2.ics", state=State.GONE, placed=date(2026, 3, 2))
    elsewhere = Written("feed", "a1", "joe", "/feed/a1")
    with store.writing() as tx:
        tx.save_written("dana", second, first, elsewhere)
        tx.save_written("kim", replace(first, etag=None))
    with store.reading() as tx:
        assert tx.written("dana", everything=True) == [elsewhere, first, second]
        assert tx.written("dana", "phone", everything=True) == [first, second]
        assert tx.written("dana", "phone") == [first], "what no longer stands is asked for by name"
        assert tx.written_for("dana", "phone", ["a2", "a1", "never there"]) == [first, second]
        assert tx.written_at("dana", "phone", ["/a2.ics"]) == [second]
        assert tx.written("kim") == [replace(first, etag=None)]
        assert tx.written("nobody") == []
    changed = replace(first, raw="NEW", href="/new.ics", prospect="jim", removing=True, intended=None)
    with store.writing() as tx:
        tx.save_written("dana", replace(first, raw="not the last"), changed)
    with store.reading() as tx:
        assert tx.written("dana", "phone", everything=True) == [changed, second]
    with store.writing() as tx:
        tx.forget_written("dana", "phone", "a1", "a2", "never there")
    with store.reading() as tx:
        assert tx.written("dana", everything=True) == [elsewhere]
        assert len(tx.written("kim")) == 1


@pytest.mark.parametrize("asked", [{"unread": True}, {"fresh": True}, {"removing": True}, {"intended": item("z")}])
def test_a_row_about_which_something_is_asked_is_no_old_one(store: Store, asked: dict[str, Any]) -> None:
    row = Written("phone", "a1", "joe", "/a1.ics", state=State.GONE, **asked)
    with store.writing() as tx:
        tx.save_written("dana", row)
        assert tx.written("dana", "phone") == [row]
        tx.save_written("dana", Written("phone", "a1", "joe", "/a1.ics", state=State.GONE))
        assert tx.written("dana", "phone") == []


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("question", "index"),
    [
        (questions.written(False, False), "ix_written_rep_live_target_action (rep=? AND live=?)"),
        (questions.written(True, False), "ix_written_rep_live_target_action (rep=? AND live=? AND target=?)"),
        (questions.WRITTEN_AT, "ix_written_rep_target_href (rep=? AND target=? AND href=?)"),
        (questions.WRITTEN_BY_OTHERS, "ix_written_target_href (target=? AND href=?)"),
        (questions.STANDS_WITH_OTHERS, "ix_written_target_href (target=? AND href=?)"),
        (questions.WRITTEN_FOR, "(rep=? AND target=? AND action=?)"),
    ],
    ids=["standing", "standing there", "at", "by others", "with others", "for"],
)
def test_what_is_written_is_found_by_an_index(store: Store, question: Question, index: str) -> None:
    """A scan would look at all the answers of all reps, at every cycle."""
    values = {"rep": "dana", "target": "phone", "hrefs": "[]", "actions": "[]"}
    with store._engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        told = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {question.sqlite.sql}", {**values, **question.sqlite.fixed})]
    assert any("SEARCH written" in line and index in line for line in told), told
    assert not any("SCAN written" in line or "B-TREE" in line for line in told)


@pytest.mark.sqlite
def test_what_is_lent_is_found_by_an_index(store: Store) -> None:
    """Each cycle asks; what is lent to nobody must not be gone through."""
    put = questions.LENT.sqlite
    with store._engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        told = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {put.sql}", {"day": "2026-01-06", **put.fixed})]
    assert any("ix_prospect_returns (returns>? AND returns<?)" in line for line in told), told


def test_what_is_lent_until_a_day_goes_back_after_it_and_is_no_change_of_anybody(store: Store) -> None:
    lent = replace(JOE, rep="kim", loans=(Loan("dana", date(2026, 1, 6)),))
    capture(store, lent)
    with store.writing() as tx:
        assert tx.lent(date(2026, 1, 6)) == []
        assert tx.lent(date(2026, 1, 7)) == [lent]
        tx.give_back("joe", {"dana": date(2026, 1, 6), "kim": date(2026, 1, 7)})
        assert tx.prospects("kim") == [lent]
        before = tx.revision("dana"), tx.revision("kim")
    with store.writing() as tx:
        tx.give_back("joe", {"dana": date(2026, 1, 7), "kim": date(2026, 1, 7)})
    with store.reading() as tx:
        assert tx.prospects("dana") == [replace(JOE, rep="dana")]
        assert tx.lent(date(2030, 1, 1)) == []
        assert (tx.revision("dana"), tx.revision("kim")) > before
        change = tx.last_change()
    assert change is not None
    assert change.parts[0].before is None, "what could be taken back is the capture"


def test_a_target_s_state_has_defaults_until_it_is_saved(store: Store) -> None:
    saved = TargetState("dana", "phone", cursor="c7", last_good=NOW, failures=2, not_before=NOW, held="many are gone")
    with store.writing() as tx:
        assert tx.target_state("dana", "phone") == TargetState("dana", "phone")
        assert tx.target_states() == []
        tx.save_target_state(TargetState("kim", "phone"))
        tx.save_target_state(replace(saved, cursor="c6"))
        tx.save_target_state(saved)
    with store.reading() as tx:
        assert tx.target_state("dana", "phone") == saved
        assert tx.target_state("dana", "feed") == TargetState("dana", "feed")
        assert tx.target_states() == [saved, TargetState("kim", "phone")]
        assert tx.target_states("kim") == [TargetState("kim", "phone")]
        assert tx.target_states("nobody") == []


def change_everything_and_stop(store: Store) -> None:
    with store.writing() as tx:
        tx.append("joe", touched(Result.YES))
        tx.save(replace(JOE, name="Other"))
        tx.save_written("dana", Written("phone", "a1", "joe", "/a1.ics"))
        tx.save_target_state(TargetState("dana", "phone"))
        raise KeyboardInterrupt


def test_changes_counts_committed_writes_only(store: Store, path: Path) -> None:
    assert store.changes() == 0
    capture(store, JOE)
    assert store.changes() == 1
    with store.writing() as tx:
        tx.append("joe")
        tx.forget_written("dana", "phone")
    with store.reading() as tx:
        tx.prospects()
    with pytest.raises(KeyboardInterrupt):
        change_everything_and_stop(store)
    assert store.changes() == 1
    other = open_store(stores.url(path))
    with other.writing() as tx:
        tx.append("joe", CAPTURED)
        tx.append("joe", CAPTURED)
    other.close()
    assert store.changes() == 2


def revisions(store: Store) -> tuple[int, int]:
    with store.reading() as tx:
        return tx.revision("dana"), tx.revision("kim")


@pytest.mark.parametrize(
    ("change", "grown"),
    [
        (lambda tx: tx.capture(replace(JOE, id="jim"), CAPTURED), (1, 0)),
        (lambda tx: tx.append("joe", CAPTURED), (1, 0)),
        (lambda tx: tx.append("joe", touched(Result.YES)), (1, 0)),
        (lambda tx: tx.save(replace(JOE, name="Other")), (1, 0)),
        (lambda tx: tx.save(replace(JOE, rep="kim")), (1, 1)),
        (lambda tx: tx.remove("joe"), (1, 0)),
        (lambda tx: tx.save_written("kim", Written("phone", "a1", "joe", "/a1.ics")), (0, 1)),
        (lambda tx: tx.forget_written("dana", "phone", "a1"), (1, 0)),
        (lambda tx: (tx.append("joe", CAPTURED), tx.append("joe", CAPTURED)), (1, 0)),
        (lambda tx: tx.append("joe"), (0, 0)),
        (lambda tx: tx.forget_written("dana", "phone"), (0, 0)),
        (lambda tx: tx.save_target_state(TargetState("dana", "phone")), (0, 0)),
        (lambda tx: tx.save_foreign("dana", "phone", {"/x.ics": "1"}), (0, 0)),
    ],
)
def test_a_revision_grows_with_what_a_plan_is_made_from(
    store: Store, change: Callable[[Transaction], object], grown: tuple[int, int]
) -> None:
    capture(store, JOE)
    before = revisions(store)
    assert before == (1, 0)
    with store.rehearsing() as tx:
        change(tx)
    assert revisions(store) == before
    with store.writing() as tx:
        change(tx)
        within = tx.revision("dana"), tx.revision("kim")
    assert revisions(store) == within == (before[0] + grown[0], before[1] + grown[1])


def test_a_revision_does_not_grow_by_what_was_taken_back(store: Store) -> None:
    capture(store, JOE)
    with pytest.raises(KeyboardInterrupt):
        change_everything_and_stop(store)
    assert revisions(store) == (1, 0)


def test_rows_are_found_by_where_they_stand(store: Store, path: Path) -> None:
    rows = [Written("phone", f"a{number:04}", "joe", f"/{number}.ics", raw=f"raw {number}") for number in range(1200)]
    with store.writing() as tx:
        tx.save_written("dana", *rows, Written("feed", "a0000", "joe", "/0.ics"))
        tx.save_written("kim", rows[0])
    hrefs = [row.href for row in reversed(rows)]
    with store.reading() as tx:
        assert tx.written_at("dana", "phone", iter(hrefs + hrefs)) == rows
        assert tx.written_at("dana", "phone", ["/7.ics", "/nowhere.ics"]) == [rows[7]]
        assert tx.written_at("dana", "phone", []) == []


def test_entries_that_are_not_ours_are_remembered_and_count_nowhere(store: Store) -> None:
    capture(store, JOE)
    with store.writing() as tx:
        tx.save_foreign("dana", "phone", {"/x.ics": "1", "/y.ics": "2"})
        tx.save_foreign("dana", "phone", {"/y.ics": "3", "/z.ics": "4"})
        tx.save_foreign("dana", "feed", {"/x.ics": "5"})
        tx.save_foreign("dana", "phone", {})
    assert store.changes() == 1
    with store.writing() as tx:
        assert tx.foreign("dana", "phone") == {"/x.ics": "1", "/y.ics": "3", "/z.ics": "4"}
        tx.forget_foreign("dana", "phone", "/x.ics", "/never.ics", "/z.ics")
        assert tx.foreign("dana", "phone") == {"/y.ics": "3"}
        tx.forget_foreign("dana", "phone")
    with store.reading() as tx:
        assert (tx.foreign("dana", "phone"), tx.foreign("dana", "feed"), tx.foreign("kim", "feed")) == ({}, {"/x.ics": "5"}, {})
    assert store.changes() == 1


def test_any_exception_takes_everything_back(store: Store) -> None:
    capture(store, JOE)
    with pytest.raises(KeyboardInterrupt):
        change_everything_and_stop(store)
    with store.reading() as tx:
        assert tx.prospects(open_only=True) == [JOE]
        assert tx.history("joe") == (CAPTURED,)
        assert tx.written("dana") == []
        assert tx.target_states() == []


def test_reading_is_one_snapshot_and_holds_up_no_writer(store: Store) -> None:
    capture(store, JOE)
    with store.reading() as before:
        assert before.history("joe") == (CAPTURED,)
        with store.writing() as tx:
            tx.append("joe", touched(Result.YES))
            with store.reading() as meanwhile:
                assert meanwhile.outcome("joe") is None
        assert before.history("joe") == (CAPTURED,)
        assert before.outcome("joe") is None
        with store.reading() as after:
            assert after.outcome("joe") is Result.YES


def test_reading_changes_nothing(store: Store) -> None:
    def refused(tx: Transaction) -> None:
        for change in (
            lambda: tx.capture(JOE, CAPTURED),
            lambda: tx.save_written("dana", Written("phone", "a1", "joe", "/a1.ics")),
            lambda: tx.save_target_state(TargetState("dana", "phone")),
            lambda: tx.forget_written("dana", "phone", "a1"),
            lambda: tx.save_foreign("dana", "phone", {"/x.ics": "1"}),
            lambda: tx.forget_foreign("dana", "phone"),
        ):
            with pytest.raises(StoreError, match="while reading"):
                change()

    with store.reading() as tx:
        refused(tx)


def test_ids_that_are_not_unicode_are_a_sentence(store: Store) -> None:
    with pytest.raises(UsageError, match="UTF-8"), store.reading() as tx:
        tx.prospect("\udcff")


def test_a_damaged_record_is_a_store_error_that_quotes_nothing(store: Store, path: Path) -> None:
    capture(store, JOE)
    stores.sql(path, """UPDATE entry SET data = '{"at": "Jenny"}'""")
    stores.sql(path, """UPDATE prospect SET data = '{"name": 5, "person": "Jenny"}'""")
    for question in (lambda tx: tx.prospects(), lambda tx: tx.histories()):
        with pytest.raises(StoreError, match="cannot be read") as caught, store.reading() as tx:
            question(tx)
        assert "Jenny" not in str(caught.value)
