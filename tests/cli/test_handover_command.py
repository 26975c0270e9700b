"""handover, at the terminal."""

from __future__ import annotations

import pytest

from tests.cli.conftest import CONFIG, Cli

CALL = "Call Jenny to determine next steps – 248.867.5309"
BOB = """\
  bob:
    name: Bob Lee
    timezone: America/Detroit
    targets: []
    busy: [club]
  kim: {timezone: America/Los_Angeles}
busy:
  club: {type: ics, path: club.ics}
targets:
"""
CLUB = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Club//EN\r\nBEGIN:VEVENT\r\nUID:golf\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART:20260108T183000Z\r\nDTEND:20260108T200000Z\r\nSUMMARY:Golf league\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def team(cli: Cli) -> Cli:
    (cli.folder / "config.yaml").write_text(CONFIG.replace("targets:\n", BOB, 1))
    (cli.folder / "club.ics").write_bytes(CLUB.encode())
    for line in (
        "Call Jenny 248.867.5309 Thursday 2pm to determine next steps",
        "Visit Joe's Diner 248.555.0100 on 2026-01-20 10:00 to meet the owner",
        "Acme Windows",
    ):
        cli.ok("add", line, "--rep", "dana")
    cli.ok("add", "Call Lisa 248.555.0199 Friday 9am to ask", "--rep", "bob")
    return cli


def reps(cli: Cli) -> dict[str, str]:
    return {one["id"]: one["rep"] for one in cli.ok("list")}


def test_it_lists_promises_first_with_day_and_hour_and_changes_nothing(team: Cli) -> None:
    before = reps(team)
    shown = team("handover", "dana", "bob", "--until", "2026-01-16")
    assert shown.code == 0
    assert shown.out.startswith("2 prospects of dana would be with bob until Fri 2026-01-16.\n\nPromised, and it stays so:\n")
    promised, also = shown.out.split("Also to be done, as it finds room with bob:")
    assert "Thu 2026-01-08, 14:00-14:15" in promised
    assert f"{CALL} ⚠ overlaps" in promised
    assert "Golf league" in promised
    assert "acme-windows" in also
    assert "Decide: Acme Windows" in also
    assert "joes-diner" not in shown.out, "that is promised for after the leave"
    assert shown.out.endswith(
        "They return to dana on Sat 2026-01-17, with all that happened meanwhile.\nNothing was changed; --yes does it.\n"
    )
    assert reps(team) == before


def test_for_good_it_is_everything_that_is_open(team: Cli) -> None:
    team.ok("log", "acme", "no")
    done = team.ok("handover", "dana", "bob", "--yes")
    assert (done["done"], done["from"], done["to"], done["until"]) == (True, "dana", "bob", None)
    assert [(one["prospect"], one["start"], one["method"]) for one in done["promises"]] == [
        ("jenny", "2026-01-08T14:00:00-05:00", "call"),
        ("joes-diner", "2026-01-20T10:00:00-05:00", "visit"),
    ]
    assert [one["clash"] for one in done["promises"]] == ["Golf league", ""]
    assert reps(team) == {"acme-windows": "dana", "jenny": "bob", "joes-diner": "bob", "lisa": "bob"}
    nothing = team("handover", "dana", "bob", "--yes")
    assert (nothing.code, nothing.out) == (0, "dana has nothing to hand over.\n")


def test_only_those_who_are_named(team: Cli) -> None:
    done = team.ok("handover", "dana", "bob", "jenny", "joe", "--until", "Friday", "--yes")
    assert [one["prospect"] for one in done["promises"]] == ["jenny"], "of the period; what comes after it goes along all the same"
    assert reps(team) == {"acme-windows": "dana", "jenny": "bob", "joes-diner": "bob", "lisa": "bob"}


def test_who_is_back_early_gets_back_what_they_lent_and_nothing_else(team: Cli) -> None:
    team.ok("handover", "dana", "bob", "jenny", "--until", "2026-01-16", "--yes")
    back = team("handover", "bob", "dana", "--back", "--yes")
    assert back.out.startswith("1 prospect of bob is with dana for good.")
    assert reps(team) == {"acme-windows": "dana", "jenny": "dana", "joes-diner": "dana", "lisa": "bob"}
    assert team.ok("show", "jenny")["loans"] == []
    refused = team("handover", "bob", "dana", "--back", "--until", "2026-01-16")
    assert (refused.code, "leave --until out" in refused.err) == (2, True)


def test_show_and_why_tell_whose_it_is(team: Cli) -> None:
    team.ok("handover", "dana", "bob", "jenny", "--until", "2026-01-16", "--yes")
    sentence = "dana handed it over to bob on Tue 2026-01-06 until Fri 2026-01-16: then it returns."
    assert f"hands: {sentence}" in team("show", "jenny").out
    assert "Handed over from dana to bob until Fri 2026-01-16; then it returns." in team("show", "jenny").out
    assert team.ok("show", "jenny")["loans"] == [{"rep": "dana", "until": "2026-01-16"}]
    assert f"In other hands: {sentence}" in team("why", "jenny").out
    assert team.ok("why", "jenny")["handed_over"] == sentence
    assert team.ok("why", "joe")["handed_over"] == ""


def test_undo_takes_it_back(team: Cli) -> None:
    team.ok("handover", "dana", "bob", "--until", "2026-01-16", "--yes")
    shown = team("undo")
    assert "'handover' of Tue 2026-01-06, 09:00 would be taken back" in shown.out
    assert "Handed over from dana to bob until Fri 2026-01-16" in shown.out
    team.ok("undo", "--yes")
    assert set(reps(team).values()) == {"dana", "bob"}
    assert reps(team)["jenny"] == "dana"
    assert team.ok("show", "jenny")["loans"] == []


def test_a_backup_keeps_until_when(team: Cli) -> None:
    team.ok("handover", "dana", "bob", "jenny", "--until", "2026-01-16", "--yes")
    assert team("backup", "--output", str(team.folder / "copy.db")).code == 0
    assert team("undo", "--yes").code == 0
    assert team("restore", str(team.folder / "copy.db"), "--yes").code == 0
    assert team.ok("show", "jenny")["loans"] == [{"rep": "dana", "until": "2026-01-16"}]


def test_from_a_rep_who_left(team: Cli) -> None:
    config = team.folder / "config.yaml"
    text = config.read_text()
    config.write_text(
        text.replace("  dana:\n    name: Dana Reyes\n    timezone: America/Detroit\n    holidays: US-MI\n    targets: [file]\n", "")
    )
    checked = team("check")
    assert "followsync handover dana REP" in checked.out + checked.err
    lent = team("handover", "dana", "bob", "--until", "2026-01-16")
    assert (lent.code, "leave --until out" in lent.err) == (2, True)
    done = team("handover", "dana", "bob", "--yes")
    assert done.code == 0
    assert "The config has no rep 'dana', so what stands on their calendar stays there." in done.out
    assert set(reps(team).values()) == {"bob"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("dana", "dana"), "dana has them already"),
        (("dana", "lee"), "The config has no rep 'lee' any more"),
        (("lee", "bob"), "There is no rep 'lee', and nothing in the store is theirs"),
        (("dana", "bob", "--until", "2026-01-05"), "is over; today is Tue 2026-01-06"),
        (("dana", "bob", "--until", "soonish"), "'soonish' is not a day"),
        (("dana", "bob", "lisa"), "Lisa (lisa) is with bob, not with dana"),
        (("dana", "bob", "nobody"), "There is no prospect 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_said(team: Cli, words: tuple[str, ...], says: str) -> None:
    before = reps(team)
    refused = team("handover", *words, "--yes")
    assert (refused.code, says in refused.err) == (2, True), refused.err
    assert reps(team) == before


def test_a_closed_one_stays(team: Cli) -> None:
    team.ok("log", "jenny", "yes")
    refused = team("handover", "dana", "bob", "jenny", "--yes")
    assert (refused.code, "is closed with yes" in refused.err) == (2, True)
