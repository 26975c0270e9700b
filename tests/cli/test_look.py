from __future__ import annotations

import re

import pytest

from tests.cli.conftest import ACTION, CONFIG, PROSPECT, Cli


@pytest.fixture
def pipeline(cli: Cli) -> Cli:
    cli.ok("add", "Call Jenny 248.867.5309 Thursday 10am to determine next steps")
    cli.ok("add", "Jane's Deli", "--stage", "pitched", "--met", "2026-01-05")
    cli.ok("add", "Ann's Books not interested")
    return cli


def test_list_has_every_prospect(pipeline: Cli) -> None:
    listed = {one["id"]: one for one in pipeline.ok("list")}
    assert {name: (set(one), one["state"], one["next_action"] is None) for name, one in listed.items()} == {
        "jenny": (PROSPECT, "open", False),
        "janes-deli": (PROSPECT, "open", False),
        "anns-books": (PROSPECT, "no", True),
    }
    lines = pipeline("list").out.splitlines()
    assert [line.split()[0] for line in lines] == ["ID", "janes-deli", "jenny", "anns-books"]


def test_agenda_is_one_day(pipeline: Cli) -> None:
    assert pipeline.ok("agenda") == []
    for day in ("2026-01-08", "thursday", "Thu"):
        titles = [one["title"] for one in pipeline.ok("agenda", day)]
        assert titles == ["Email Jane's Deli to say thanks", "Call Jenny to determine next steps – 248.867.5309"]
    assert all(set(one) == ACTION for one in pipeline.ok("agenda", "thursday"))
    assert "10:00-10:15" in pipeline("agenda", "thursday").out
    assert pipeline("agenda", "someday").code == 2
    assert len(pipeline.ok("agenda", now="2026-01-08T08:00")) == 2


def test_why_explains(pipeline: Cli) -> None:
    why = pipeline.ok("why", "jane")
    assert (why["cadence"], why["stands"]) == ("worksheet", [])
    assert any("3 days after met 2026-01-05" in sentence for sentence in why["why"])
    assert "3 days after met 2026-01-05" in pipeline("why", "jane").out
    assert "closed with no" in pipeline("why", "ann").out
    pipeline("sync")
    assert [slot["target"] for slot in pipeline.ok("why", "jane")["stands"]] == ["file"]


def test_why_tells_what_was_avoided_also_once_it_stands(cli: Cli) -> None:
    config = cli.folder / "config.yaml"
    club = "    targets: [file]\n    busy: [club]\nbusy:\n  club: {type: ics, path: club.ics}\n"
    config.write_text(config.read_text().replace("    targets: [file]\n", club))
    (cli.folder / "club.ics").write_bytes(
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Club//EN\r\nBEGIN:VEVENT\r\nUID:golf\r\nDTSTAMP:20260101T000000Z\r\n"
        b"DTSTART:20260108T135000Z\r\nDTEND:20260108T153000Z\r\nSUMMARY:Golf league\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    cli.ok("add", "Ann", "--stage", "pitched", "--met", "2026-01-05")
    before = cli.ok("why", "ann")["why"]
    assert before[-1] == "Not earlier that day: Golf league."
    cli("sync")
    assert cli.ok("why", "ann", now="2026-01-06T10:00")["why"] == before
    assert "Not earlier that day: Golf league." in cli("why", "ann", now="2026-01-06T10:00").out


def test_why_tells_the_version_of_the_cadence_and_that_it_was_edited_since(pipeline: Cli) -> None:
    version = pipeline.ok("why", "jane")["cadence_version"]
    assert f"cadence worksheet, version {version}\n" in pipeline("why", "jane").out
    pipeline.ok("log", "jane", "done", now="2026-01-08T10:00")
    assert pipeline.ok("why", "jane")["touched_under"] == ""
    config = pipeline.folder / "config.yaml"
    text = config.read_text("utf-8")
    assert "3 weeks" in text
    config.write_text(text.replace("3 weeks", "4 weeks"), "utf-8")
    why = pipeline.ok("why", "jane", now="2026-01-09T10:00")
    assert (why["touched_under"], why["cadence_version"] != version) == (version, True)
    said = f"Touched on Thu 2026-01-08 under an earlier version ({version}): the cadence was edited since."
    assert said in pipeline("why", "jane", now="2026-01-09T10:00").out


def test_show_tells_the_history_in_the_reps_zone(pipeline: Cli) -> None:
    assert "Agreed: call on Thu 2026-01-08, 10:00 to determine next steps." in pipeline("show", "jenny").out
    assert {"history", "person", "fields"} <= set(pipeline.ok("show", "jenny"))
    assert pipeline("show", "nobody").code == 2


def test_show_has_the_promise_ledger(pipeline: Cli) -> None:
    pipeline.ok("log", "jenny", "next", "coffee Friday 3pm to sign", now="2026-01-08T10:10")
    pipeline.ok("log", "jenny", "done", now="2026-01-12T09:00")
    kept, late = pipeline.ok("show", "jenny", now="2026-01-12T10:00")["promises"]
    assert (kept["method"], kept["day"], kept["start"], kept["window"]) == ("call", "2026-01-08", "2026-01-08T10:00:00-05:00", None)
    assert (kept["state"], kept["settled"], kept["how"]) == ("kept", "2026-01-08T10:10:00-05:00", "next")
    assert (late["method"], late["state"], late["agreed"], late["via"]) == ("coffee", "late", "2026-01-08T10:10:00-05:00", "cli")
    text = pipeline("show", "jenny", now="2026-01-12T10:00").out
    assert "coffee on Fri 2026-01-09, 15:00 to sign: late, Mon 2026-01-12, 09:00 (done). Agreed Thu 2026-01-08, 10:10 via cli." in text
    assert pipeline.ok("show", "jane")["promises"] == []
    assert "Promises" not in pipeline("show", "jane").out


def test_check_names_a_promise_whose_time_is_over(pipeline: Cli) -> None:
    """It is the rep's to do, and no problem of what the calendar shows: it is told apart, and the last line speaks of the rest."""
    assert pipeline.ok("check", now="2026-01-08T10:10") == {"ok": True, "problems": []}
    found = pipeline.ok("check", now="2026-01-08T10:15")
    assert (found["ok"], [one["where"] for one in found["problems"]]) == (True, ["jenny"])
    assert found["problems"][0]["message"] == "promised: call on Thu 2026-01-08, and not done by Thu 10:15"
    assert pipeline("check", now="2026-01-08T10:10").out == "All is well.\n"
    told = pipeline("check", now="2026-01-08T10:15")
    assert (told.code, told.out.splitlines()) == (
        0,
        [
            "Promised to prospects, and still to be done by the rep:",
            "  jenny: promised: call on Thu 2026-01-08, and not done by Thu 10:15",
            "Nothing else needs attention.",
        ],
    )
    pipeline.ok("log", "jenny", "no-answer", now="2026-01-08T11:00")
    assert pipeline.ok("check", now="2026-01-08T11:00")["problems"] == []


def test_plan_writes_nothing(pipeline: Cli) -> None:
    shown = pipeline.ok("plan")
    assert set(shown) == {"create", "move", "close"}
    assert {one["prospect"] for one in shown["create"]} == {"jenny", "janes-deli"}
    assert not (pipeline.folder / "follow-ups.ics").exists()
    assert pipeline.ok("plan") == shown
    assert "2 to create, 0 to move, 0 to close. Nothing was written." in pipeline("plan").out


def test_plan_tells_what_an_edited_cadence_changes_before_it_does(pipeline: Cli) -> None:
    pipeline("sync")
    assert "cadence" not in pipeline("plan").out
    config = pipeline.folder / "config.yaml"
    text = config.read_text("utf-8")
    config.write_text(text.replace("after: 3 days", "after: 4 days"), "utf-8")
    first = pipeline("plan").out
    assert "The cadence 'worksheet' was edited since the last sync (version " in first
    assert "1 open prospect runs on it, and what is listed here changes 1 of them." in first
    assert pipeline("plan").out == first, "planning changes nothing"
    config.write_text(
        text.replace(
            "  worksheet:", "  other:\n    for: {stage: nobody}\n    steps: [{after: 1 day, method: call, purpose: p}]\n  worksheet:"
        )
    )
    assert "The cadence 'other' is new since the last sync (version " in pipeline("plan").out
    pipeline("sync")
    assert "cadence" not in pipeline("plan").out
    config.write_text(text, "utf-8")
    assert "The cadence 'other' is gone since the last sync" in pipeline("plan").out


def test_targets_name_where_it_stands(pipeline: Cli) -> None:
    pipeline("sync")
    assert {one["id"]: one["next_action"]["targets"] for one in pipeline.ok("list") if one["next_action"]} == {
        "jenny": ["file"],
        "janes-deli": ["file"],
    }


def test_status_of_a_file(pipeline: Cli) -> None:
    keys = {"rep", "last_good", "pending", "quarantined", "failures", "not_before", "login_needed", "held", "error"}
    before = pipeline.ok("status")["targets"]["file"]
    assert (set(before), before["last_good"]) == (keys, None)
    pipeline("sync")
    assert pipeline.ok("status")["targets"]["file"]["last_good"] == "2026-01-06T09:00:00-05:00"
    assert "file" in pipeline("status").out


def test_status_tells_how_old_the_reading_of_a_busy_source_is(pipeline: Cli) -> None:
    golf = pipeline.folder / "golf.ics"
    golf.write_text("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nEND:VCALENDAR\n")
    config = CONFIG.replace("targets: [file]", "targets: [file]\n    busy: [golf]")
    (pipeline.folder / "config.yaml").write_text(f"{config}busy: {{golf: {{type: ics, path: golf.ics}}}}\n")
    source = {"rep": "dana", "last_good": None, "requests": 0, "failures": 0, "not_before": None, "login_needed": False, "error": ""}
    assert pipeline.ok("status")["busy"] == {"golf": source}
    pipeline.ok("sync")
    assert pipeline.ok("status")["busy"] == {"golf": {**source, "last_good": "2026-01-06T09:00:00-05:00"}}
    golf.unlink()
    run = pipeline("sync", now="2026-01-06T12:00")
    assert (run.code, "what was read on Tue 2026-01-06 09:00 counts" in run.err) == (1, True)
    run = pipeline("status", now="2026-01-06T12:00")
    assert (run.code, "3 hours old, and used until it can be read again" in " ".join(run.out.split())) == (1, True)
    assert "golf.ics cannot be read" in pipeline("status", "--json").json["busy"]["golf"]["error"]
    (problem,) = pipeline("check", "--json", now="2026-01-06T12:00").json["problems"]
    assert (problem["where"], "what was read earlier counts" in problem["message"]) == ("golf", True)


def test_a_target_in_trouble_makes_status_and_sync_say_so(pipeline: Cli) -> None:
    (pipeline.folder / "follow-ups.ics").mkdir()
    assert pipeline("sync").code == 1
    run = pipeline("status", "--json")
    assert (run.code, bool(run.json["targets"]["file"]["error"])) == (1, True)
    run = pipeline("check", "--json")
    assert (run.code, run.json["ok"], [one["where"] for one in run.json["problems"]]) == (1, False, ["file"])


def test_the_failures_of_a_file_are_counted_like_those_of_a_server(pipeline: Cli) -> None:
    pipeline.ok("sync")
    path = pipeline.folder / "follow-ups.ics"
    path.unlink()
    path.mkdir()
    for minute in (5, 10):
        assert pipeline("sync", now=f"2026-01-06T09:{minute:02}").code == 1
    assert pipeline("status", "--json").json["targets"]["file"]["failures"] == 2
    path.rmdir()
    pipeline.ok("sync", now="2026-01-06T09:15")
    assert pipeline.ok("status")["targets"]["file"]["failures"] == 0


def test_several_reps_are_told_apart(cli: Cli) -> None:
    (cli.folder / "config.yaml").write_text(CONFIG.replace("targets:\n  file", "  lee: {timezone: America/Chicago}\ntargets:\n  file", 1))
    assert "say which with --rep dana or lee" in cli("add", "Jenny").err
    cli.ok("add", "Call Jenny Friday 10am", "--rep", "dana")
    cli.ok("add", "Call Jenny Friday 10am", "--rep", "lee")
    starts = {one["rep"]: one["next_action"]["start"] for one in cli.ok("list")}
    assert starts == {"dana": "2026-01-09T10:00:00-05:00", "lee": "2026-01-09T10:00:00-06:00"}
    assert [one["start"] for one in cli.ok("agenda", "friday")] == [starts["dana"], starts["lee"]]
    assert [one["start"] for one in cli.ok("agenda", "friday", "--rep", "lee")] == [starts["lee"]]


def test_a_table_on_a_terminal_is_drawn_and_steers_nothing(pipeline: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline.ok("add", "Evil Corp", "--source", "\x1b[2Jgone")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    drawn = pipeline("list").out
    assert "─" in drawn
    assert "\x1b[2J" not in pipeline("show", "evil").out


def test_the_sheet_has_every_question_and_blanks_for_what_is_not_known(pipeline: Cli) -> None:
    pipeline.ok("log", "jenny", "next", "coffee Friday 3pm to sign", "--objection", "price", "--learned", "two ovens", "--agenda", "terms")
    sheet = pipeline.ok("sheet", "jenny")["sheet"]
    assert (sheet["Prospect"]["phone"], sheet["Prospect"]["email"]) == ("248.867.5309", "")
    assert (sheet["Next meeting"]["purpose"], sheet["Next meeting"]["agenda"]) == ("sign", "terms")
    assert (sheet["What we know"]["learned"], sheet["After the meeting"]["objections"]) == ("two ovens", "price")
    text = pipeline("sheet", "jenny").out
    for line in ("  email: ________", "  asked for the order: ________", "  proposal due: ________", "  when: Fri 2026-01-09, 15:00-16:00"):
        assert line in text.splitlines()


def test_prospects_of_a_rep_who_left_are_a_sentence(pipeline: Cli) -> None:
    (pipeline.folder / "config.yaml").write_text(CONFIG.replace("dana:", "lee:").replace("Dana Reyes", "Lee Okafor"))
    assert pipeline.ok("list") == []
    for words in (["show", "248.867.5309"], ["log", "jenny", "done"], ["edit", "jenny", "--stage", "x"], ["why", "jenny"]):
        run = pipeline(*words)
        assert (run.code, "no rep 'dana' any more" in run.err) == (2, True)
    problems = pipeline("check", "--json").json["problems"]
    assert [one["where"] for one in problems] == ["janes-deli", "jenny"]


def test_the_plan_for_a_file_tells_what_changes_in_place(pipeline: Cli) -> None:
    pipeline.ok("sync")
    assert "0 to create, 0 to move, 0 to close. Nothing was written." in pipeline("plan").out
    pipeline.ok("edit", "jenny", "--phone", "248.555.0199")
    assert "0 to create, 0 to move, 0 to close, 1 to change in place. Nothing was written." in pipeline("plan").out
    assert pipeline.ok("sync")["targets"]["file"]["updated"] == 1
    assert "0 to close. Nothing was written." in pipeline("plan").out


def test_steps_that_history_knows_by_another_place_are_told_by_plan_and_check(cli: Cli) -> None:
    config, thanks = cli.folder / "config.yaml", "      - {after: 3 days, method: email, purpose: say thanks}\n"
    cli.ok("add", "Ann", "--stage", "pitched", "--met", "2026-01-05")
    cli.ok("log", "ann", "done", now="2026-01-08T15:00")
    assert "note:" not in cli("check").err
    config.write_text(CONFIG.replace(thanks, f"      - {{after: 1 day, method: letter, purpose: write}}\n{thanks}"))
    said = "Cadence worksheet: what was done as step-1 (email to say thanks) is listed as step-2 now"
    assert said in cli("plan", now="2026-01-08T16:00").out
    run = cli("check", now="2026-01-08T16:00")
    assert (run.code, f"note: {said}" in run.err) == (0, True)


BIRTHDAYS = "  birthdays:\n    for: {stage: client}\n    steps:\n      - {on: birthday, method: gift, purpose: say happy birthday}\n"


def test_the_plan_for_a_file_names_what_is_bought_until_it_stands_there_and_why_the_day_on_which_it_stands(cli: Cli) -> None:
    (cli.folder / "config.yaml").write_text(f"{CONFIG}{BIRTHDAYS}")
    for name in ("Zoe", "Ann"):
        cli.ok("add", name, "--stage", "client", "--birthday", "2026-03-05")
    assert cli.ok("plan")["buy"] == [{"title": "Buy 2 gifts for March 2026", "day": "2026-02-26", "for": ["Ann", "Zoe"]}]
    cli.ok("sync")
    assert "buy" not in cli.ok("plan")
    assert "To be bought" not in cli("plan", now="2026-01-07T09:00").out
    cli.ok("add", "Eve", "--stage", "client", "--birthday", "2026-03-06")
    assert [one["title"] for one in cli.ok("plan")["buy"]] == ["Buy 3 gifts for March 2026"]
    cli.ok("sync")
    assert "buy" not in cli.ok("plan")

    monday, told = "2026-03-02T09:00", 'for that month: "Buy 3 gifts for March 2026" on '
    assert f"{told}Thu 2026-02-26." in cli("why", "zoe", now=monday).out
    assert [one["day"] for one in cli.ok("plan", now=monday)["buy"]] == ["2026-03-02"], "it goes on with the working days"
    cli.ok("sync", now=monday)
    assert "buy" not in cli.ok("plan", now=monday)
    assert f"{told}Mon 2026-03-02." in cli("why", "zoe", now=monday).out


def test_plan_tells_of_the_page_and_of_what_is_bought_as_sync_then_does_it(cli: Cli) -> None:
    (cli.folder / "config.yaml").write_text(f"{CONFIG}{BIRTHDAYS}")
    for name in ("Zoe", "Ann"):
        cli.ok("add", name, "--stage", "client", "--birthday", "2026-03-05")

    def as_planned(now: str) -> list[str]:
        """What plan tells of the notices; sync then does as much as plan counts."""
        text, told = cli("plan", now=now).out, cli.ok("plan", now=now)
        done = cli.ok("sync", now=now)["targets"]["file"]
        counts = f"{done['created']} to create, MOVED to move, {done['deleted']} to close"
        moved = int(re.search(r"(\d+) to move", text)[1])  # type: ignore[index]
        reworded = re.search(r"(\d+) to change in place", text)
        assert counts.replace("MOVED", str(moved)) in text
        assert moved + (int(reworded[1]) if reworded else 0) == done["updated"]
        assert all(one["title"] in text for one in told.get("notices", ()) if one["do"] != "change")
        return [f"{one['do']} {one['title']}" for one in told.get("notices", ())]

    assert as_planned("2026-01-05T09:00") == ["create Buy 2 gifts for March 2026"]
    assert as_planned("2026-01-05T09:05") == []
    cli.ok("add", "Call Eve 2026-01-06 2pm to quote", now="2026-01-05T09:05")
    assert as_planned("2026-01-06T07:00") == ["create Today: 1 promise"]
    assert as_planned("2026-01-07T07:00") == ["move Today: 1 promise"]
    assert as_planned("2026-03-02T07:00") == ["move Buy 2 gifts for March 2026", "move Today: 1 promise"]
    for name in ("zoe", "ann"):
        cli.ok("edit", name, "--stage", "other", now="2026-03-02T07:10")
    assert as_planned("2026-03-02T07:10") == ["close Buy 2 gifts for March 2026", "change Today: 1 promise, 2 decide"]


def test_what_was_done_today_counts_against_the_day_s_capacity(cli: Cli) -> None:
    config = CONFIG.replace("targets: [file]", "targets: [file]\n    capacity: 2", 1).replace(
        "after: 1 day, method: visit", "after: 0 days, method: visit"
    )
    (cli.folder / "config.yaml").write_text(config)
    for name in ("Ann", "Bob", "Cy", "Dot"):
        cli.ok("add", name, "--deal", "big")
    starts = {one["id"]: one["next_action"]["start"][:10] for one in cli.ok("list")}
    assert starts == {"ann": "2026-01-06", "bob": "2026-01-06", "cy": "2026-01-07", "dot": "2026-01-07"}
    cli.ok("sync")
    cli.ok("log", "ann", "yes", now="2026-01-06T09:50")
    cli.ok("log", "bob", "no", now="2026-01-06T09:55")
    cli.ok("add", "Eve", "--deal", "big", now="2026-01-06T10:00")
    found = {one["id"]: (one["next_action"] or {}).get("start", "")[:10] for one in cli.ok("list", now="2026-01-06T10:01")}
    assert (found["cy"], found["eve"]) == ("2026-01-07", "2026-01-08"), "two were done today, and two stand tomorrow"
    cli.ok("sync", now="2026-01-06T10:01")
    assert "Not on Tue 2026-01-06, nor on the next working day: full (2 a day)." in cli("why", "eve", now="2026-01-06T10:02").out
