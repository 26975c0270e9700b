from __future__ import annotations

import pytest

from tests.cli.conftest import ACTION, PROSPECT, Cli


def test_a_reason_without_a_date_field_and_a_day_is_a_promise_at_the_address(cli: Cli) -> None:
    run = cli("add", "Joe's Diner visit in 2 months because contract", "--address", "5 Main St")
    assert (run.code, run.err) == (0, "")
    assert "Agreed: Fri 2026-03-06." in run.out
    assert "Next: Visit Joe's Diner to determine next steps" in run.out
    shown = cli.ok("show", "joe")
    assert (shown["address"], shown["reason"], shown["next_action"]["due"]) == ("5 Main St", "contract_end", "2026-03-06")
    assert cli("sync").code == 0
    assert "LOCATION:5 Main St" in (cli.folder / "follow-ups.ics").read_text()


def test_the_reply_echoes_the_day_and_its_part(cli: Cli) -> None:
    run = cli("add", "Visit Joe's Diner Thursday afternoon to meet the owner")
    assert "Agreed: Thu 2026-01-08, 13:00-17:00." in run.out
    assert "Next: Visit Joe's Diner to meet the owner" in run.out
    assert "Thu 2026-01-08, 13:00-13:45" in run.out


def test_json_is_the_prospect_as_in_the_list(cli: Cli) -> None:
    added = cli.ok("add", "Call Jenny 248.867.5309 tomorrow 10am to determine next steps")
    assert set(added) == PROSPECT
    assert set(added["next_action"]) == ACTION
    action = added["next_action"]
    assert action["title"] == "Call Jenny to determine next steps – 248.867.5309"
    assert (action["start"], action["end"]) == ("2026-01-07T10:00:00-05:00", "2026-01-07T10:15:00-05:00")
    assert (action["kind"], action["state"], action["busy"], action["attempt"], action["targets"]) == ("promise", "open", True, 1, [])
    assert cli.ok("list") == [added]


def test_without_a_day_it_is_a_decision_and_what_is_missing_is_named(cli: Cli) -> None:
    run = cli("add", "Joe's Diner")
    assert "Missing: method and day." in run.out
    assert "Decide: Joe's Diner" in run.out
    assert [one["kind"] for one in cli.ok("agenda")] == ["decide"]
    run = cli("add", "follow up with Ann sometime", "--json")
    assert "Missing: method and day." in run.err
    assert run.json["next_action"]["kind"] == "decide"


def test_without_a_day_a_cadence_takes_over(cli: Cli) -> None:
    added = cli.ok("add", "Jane's Deli", "--stage", "pitched", "--met", "2026-01-05", "--tag", "hot", "--tag", "new")
    assert (added["next_action"]["kind"], added["next_action"]["due"]) == ("step", "2026-01-08")
    shown = cli.ok("show", "janes-deli")
    assert (shown["tags"], shown["fields"]) == (["hot", "new"], {"met": "2026-01-05"})


def test_options_win_over_the_line(cli: Cli) -> None:
    options = ["--name", "Joe's Diner", "--person", "Joe", "--phone", "248.555.0199", "--email", "joe@example.org", "--role", "owner"]
    options += ["--timezone", "America/Denver", "--source", "walk-in", "--learned", "two ovens", "--close-step", "a trial week"]
    options += ["--stakeholder", "Bob Lee, CFO, absent, bob@example.org", "--note", "nice place", "--they-know", "no"]
    cli.ok("add", "Call Joe 248.555.0100 Friday 10am", "--agenda", "price", "--agenda", "terms", "--question", "who signs?", *options)
    shown = cli.ok("show", "joes-diner")
    assert (shown["person"], shown["phone"], shown["role"], shown["timezone"]) == ("Joe", "248.555.0199", "owner", "America/Denver")
    assert shown["stakeholders"] == [{"name": "Bob Lee", "role": "CFO", "present": False, "address": "bob@example.org"}]
    assert shown["fields"] == {"learned": "two ovens", "close_step": "a trial week"}
    assert (shown["next_action"]["agenda"], shown["notes"]) == (["price", "terms"], "nice place")


def test_the_lines_method_goes_before_the_preferred_one(cli: Cli) -> None:
    assert cli.ok("add", "Visit Joe's Diner Friday", "--method", "call")["next_action"]["method"] == "visit"
    assert cli.ok("add", "Jenny Friday 10am", "--method", "candy-gram")["next_action"]["title"].startswith("Send candy-gram to Jenny")
    assert cli.ok("add", "Ann Friday 11am")["next_action"]["method"] == "call"


def test_a_refusal_closes(cli: Cli) -> None:
    assert cli.ok("add", "Ann's Books not interested") == {
        **{"id": "anns-books", "name": "Ann's Books", "rep": "dana", "stage": ""},
        **{"state": "no", "next_action": None},
    }
    assert cli.ok("agenda") == []


@pytest.mark.parametrize("line", ["Call Jenny", "Call Jen 248 867 5309", "Jenny2 --email JENNY@example.org"])
def test_known_people_are_not_doubled(cli: Cli, line: str) -> None:
    cli.ok("add", "Jenny 248.867.5309", "--email", "jenny@example.org")
    run = cli("add", *line.split(" --email ")[:1], *(["--email", "JENNY@example.org"] if "--email" in line else []))
    assert run.code == 2
    assert "as jenny" in run.err
    assert [one["id"] for one in cli.ok("list")] == ["jenny"]


def test_a_known_person_and_a_day_is_a_new_promise(cli: Cli) -> None:
    cli.ok("add", "Call Jenny Thursday 10am to go over the quote")
    run = cli("add", "Coffee with Jenny 248.867.5309 Friday 3pm to sign", "--stage", "pitched")
    assert (run.code, "a new promise for jenny" in run.out) == (0, True)
    (jenny,) = cli.ok("list")
    assert (jenny["next_action"]["method"], jenny["next_action"]["start"], jenny["stage"]) == (
        "call",
        "2026-01-08T10:00:00-05:00",
        "pitched",
    )
    assert cli.ok("show", "jenny")["phone"] == "248.867.5309"


def test_what_was_promised_is_not_replaced_by_something_else(cli: Cli) -> None:
    """Both stand, as where both are typed on the calendar (decision 34)."""
    cli.ok("add", "Call Jenny Thursday 10am to go over the quote")
    run = cli("add", "Coffee with Jenny Friday 3pm to sign")
    assert "Agreed as well, and waits until the first is done: Fri 2026-01-09 15:00 coffee to sign." in run.out
    assert "Next: Call Jenny to go over the quote" in run.out
    states = [(one["state"], one["purpose"]) for one in cli.ok("show", "jenny")["promises"]]
    assert states == [("open", "go over the quote"), ("open", "sign")]
    after = cli.ok("log", "jenny", "done")["next_action"]
    assert (after["method"], after["start"]) == ("coffee", "2026-01-09T15:00:00-05:00")


def test_the_earlier_one_is_next_and_the_same_follow_up_is_put_elsewhere(cli: Cli) -> None:
    cli.ok("add", "Call Jenny Thursday 10am to go over the quote")
    run = cli("add", "Coffee with Jenny Wednesday 3pm to sign")
    assert "Next: Coffee with Jenny to sign" in run.out
    assert "waits until the first is done: Thu 2026-01-08 10:00 call to go over the quote." in run.out
    cli.ok("add", "Call Ann Thursday 11am to go over the quote")
    moved = cli.ok("add", "Call Ann Friday 11am to go over the quote")["next_action"]
    assert moved["start"] == "2026-01-09T11:00:00-05:00"
    assert [one["state"] for one in cli.ok("show", "ann")["promises"]] == ["changed", "open"]


MARCY = "Call Marcy at Pinecrest Dental Thursday 9am to sign 734-555-0142"


def test_another_person_at_a_number_that_is_known_is_another_prospect(cli: Cli) -> None:
    cli.ok("add", MARCY)
    added = cli.ok("add", "Call Bob Ray at Pinecrest Dental Friday 10am to measure 734-555-0142")
    assert added["next_action"]["title"] == "Call Bob Ray to measure – 734-555-0142"
    titles = sorted(one["next_action"]["title"] for one in cli.ok("list"))
    assert titles == ["Call Bob Ray to measure – 734-555-0142", "Call Marcy to sign – 734-555-0142"]
    again = cli.ok("log", added["id"], "no-answer", now="2026-01-09T10:20")["next_action"]
    assert (again["kind"], again["title"]) == ("retry", "Call Bob Ray to measure – 734-555-0142")


@pytest.mark.parametrize(
    ("line", "person", "notes"),
    [
        ("Call Marcy 734-555-0142 Friday 10am to sign", "Marcy", []),
        ("Call Marcy Hill at Pinecrest 734-555-0142 Friday 10am to sign", "Marcy", []),
        ("Call Pinecrest Dental 734-555-0142 Friday 10am to sign", "Marcy", []),
        ("Call Joe's Diner 734-555-0142 Friday 10am to sign", "Marcy", ["Joe's Diner"]),  # nothing typed is lost
    ],
)
def test_the_same_person_at_the_number_is_the_one_who_is_known(cli: Cli, line: str, person: str, notes: list[str]) -> None:
    cli.ok("add", MARCY)
    cli.ok("add", line)
    (one,) = cli.ok("list")
    shown = cli.ok("show", one["id"])
    assert shown["person"] == person
    assert [fact["text"] for fact in shown["history"] if fact["type"] == "noted"] == [f"Note: {note}" for note in notes]


def test_a_business_known_by_its_number_learns_whom_to_talk_to(cli: Cli) -> None:
    cli.ok("add", "Pinecrest Dental 734-555-0142")
    added = cli.ok("add", "Call Bob Ray 734-555-0142 Friday 10am to measure")
    assert (added["id"], added["next_action"]["title"]) == ("pinecrest-dental", "Call Bob Ray to measure – 734-555-0142")


def test_a_first_name_is_the_one_who_has_it_and_two_are_named(cli: Cli) -> None:
    cli.ok("add", "Call Jenny Smith Thursday 10am to go over the quote")
    assert cli.ok("add", "Call Jenny Friday 10am about the quote")["id"] == "jenny-smith"
    assert cli.ok("add", "Call Jenny Jones Friday 11am")["id"] == "jenny-jones"
    run = cli("add", "Call Jenny Monday 10am about the quote")
    assert (run.code, "jenny-jones" in run.err, "jenny-smith" in run.err) == (2, True, True)
    cli.ok("edit", "jenny-jones", "--phone", "313.555.0199")
    assert cli.ok("add", "Call Jenny (313) 555-0199 Monday 10am")["id"] == "jenny-jones"
    assert cli.ok("add", "Call Jenny 734.555.0142 Monday 11am")["id"] == "jenny-smith", "whose number nobody knew"
    assert cli.ok("add", "Call Jenny 989.555.0133 Monday 9am")["id"] == "jenny", "another number than either's"


def test_somebody_who_was_closed_may_come_again(cli: Cli) -> None:
    cli.ok("add", "Jenny not interested")
    run = cli("add", "Call Jenny Friday 10am")
    assert (run.code, "was closed with no: jenny is open again." in run.out) == (0, True)
    (jenny,) = cli.ok("list")
    assert (jenny["state"], jenny["next_action"]["start"]) == ("open", "2026-01-09T10:00:00-05:00")
    cli.ok("log", "jenny", "no")
    assert cli.ok("add", "Jenny 248.867.5309")["next_action"]["kind"] == "decide", "without a day the rep must choose"
    assert [one["id"] for one in cli.ok("list")] == ["jenny"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["Ann", "--met", "someday"], "--met: 'someday' is not a day"),
        (["Ann", "--contract-end", "2026-02-30"], "--contract-end: '2026-02-30' is not a day"),
        (["Ann", "--phoen", "1"], "did you mean --phone?"),
        (["Ann", "--met"], "--met needs a value"),
        (["Ann", "--method", "pigeon"], "there is no method 'pigeon'"),
        (["Ann", "--timezone", "Detroit/America"], "is not a time zone"),
        (["Ann", "--they-know", "maybe"], "neither yes nor no"),
        (["Ann", "--stakeholder", "Bob, CFO, perhaps"], "is not understood"),
        (["Ann", "--rep", "lee"], "There is no rep 'lee'"),
        (["   "], "nothing to read"),
        ([], "Missing argument"),
    ],
)
def test_wrong_use_writes_nothing(cli: Cli, words: list[str], said: str) -> None:
    run = cli("add", *words)
    assert (run.code, run.out) == (2, "")
    assert said in run.err
    assert "Traceback" not in run.err
    assert not (cli.folder / "state").exists()


def test_a_field_that_a_cadence_asks_for_may_be_a_text(cli: Cli) -> None:
    added = cli.ok("add", "--deal", "big", "Joe's Diner")
    assert (added["next_action"]["kind"], added["next_action"]["method"]) == ("step", "visit")


def test_edit_changes_fields_and_tells_what_was(cli: Cli) -> None:
    cli.ok("add", "Call Jenny Friday 10am")
    assert set(cli.ok("edit", "jenny", "--phone", "248.867.5309", "--learned", "two ovens", "--note", "met her sister")) == PROSPECT
    shown = cli.ok("show", "jenny")
    assert (shown["phone"], shown["fields"]) == ("248.867.5309", {"learned": "two ovens"})
    assert {"edited", "noted"} <= {one["type"] for one in shown["history"]}
    cli.ok("edit", "jenny", "--phone", "")
    assert cli.ok("show", "jenny")["phone"] == ""
    assert cli("edit", "jenny", "--name", "").code == 2
    assert cli("edit", "nobody", "--phone", "1").code == 2


def test_edit_gives_an_open_promise_its_agenda(cli: Cli) -> None:
    before = cli.ok("add", "Call Jenny Friday 10am to sign")["next_action"]
    after = cli.ok("edit", "jenny", "--agenda", "price")["next_action"]
    assert (after["agenda"], after["start"], after["purpose"]) == (["price"], before["start"], "sign")


def test_remove_forgets_the_person_and_nothing_else(cli: Cli) -> None:
    cli.ok("add", "Call Jenny Friday 10am")
    cli.ok("add", "Call Ann Friday 11am")
    cli("sync")
    assert cli("remove", "jenny", "--yes").code == 0
    assert [one["id"] for one in cli.ok("list")] == ["ann"]
    cli("sync")
    text = (cli.folder / "follow-ups.ics").read_text()
    assert ("Jenny" in text, "Ann" in text) == (False, True)


def test_remove_without_an_answer_does_nothing(cli: Cli) -> None:
    cli.ok("add", "Call Jenny Friday 10am")
    run = cli("remove", "jenny")
    assert (run.code, "say --yes" in run.err) == (2, True)
    assert len(cli.ok("list")) == 1
