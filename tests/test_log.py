from __future__ import annotations

import io
import json
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from followsync import log
from followsync.errors import Unavailable


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def told(form: log.Form = "json", *, verbose: bool = False, event: str = "cycle", level: str = "info", **values: Any) -> str:
    out = io.StringIO()
    log.set_up(form=form, stream=out, verbose=verbose)
    getattr(log.events(rep="dana"), level)(event, **values)
    return out.getvalue()


def test_json_holds_the_event_its_level_its_time_and_what_is_bound() -> None:
    line = json.loads(told(target="phone", created=2))
    assert datetime.fromisoformat(line.pop("timestamp")).utcoffset() is not None
    assert line == {"event": "cycle", "level": "info", "rep": "dana", "target": "phone", "created": 2}


def test_the_journal_gets_a_priority_and_no_time() -> None:
    assert told("journal", level="warning", target="phone", why="two\nlines") == '<4>cycle rep=dana target=phone why="two | lines"\n'


def test_a_terminal_gets_the_time() -> None:
    text = told("console")
    assert "cycle" in text
    assert "dana" in text
    assert str(datetime.now(UTC).year) in text or str(datetime.now().astimezone().year) in text


def test_details_are_for_the_verbose() -> None:
    assert told(level="debug") == ""
    assert told(level="debug", verbose=True) != ""


PROSPECT = {
    "prospect": "joes-diner",
    "person": "Jenny",
    "phone": "248.867.5309",
    "notes": "likes pie",
    "title": "Call Jenny",
    "uid": "fs1-1",
}


@pytest.mark.parametrize("key", [*PROSPECT, "password", "client_secret", "Authorization", "api_key", "refresh_token", "Cookie"])
def test_keys_with_prospect_data_or_secrets_are_dropped(key: str) -> None:
    value = PROSPECT.get(key, "open sesame")
    text = told(**{key: value}) + told(details={key: value, "count": 3})
    assert value not in text
    assert '"count": 3' in text


@pytest.mark.parametrize(
    ("sentence", "secret"),
    [
        ("https://dana:open-sesame@dav.example.org/ fails", "open-sesame"),
        ("Authorization: Basic ZGFuYTpvcGVu was refused", "ZGFuYTpvcGVu"),
        ("sent Bearer ya29.a0AfH6 to it", "ya29.a0AfH6"),
        ("password=hunter2 in the config", "hunter2"),
        ('{"refresh_token": "1//0gAbc-def"}', "0gAbc-def"),
        ("FOLLOWSYNC_PHONE_PASSWORD: hunter2", "hunter2"),
        ("GET https://dav.example.org/list?key=abc&sig=def", "def"),
        ("GET /feed/k3jh5kj3h5.ics", "k3jh5kj3h5"),
        ("GET /p/k3jh5kj3h5/", "k3jh5kj3h5"),
        ("the key GOCSPX-a1B2c3D4e5F6g7H8i9J0 is wrong", "a1B2c3D4e5F6g7H8i9J0"),
        ("0123456789abcdef0123456789abcdef is unknown", "0123456789abcdef"),
        ("jenny@example.org bounced", "jenny"),
        ("call 248.867.5309 now", "867"),
        ("tel:+12488675309", "8675309"),
        ("+1 (248) 867-5309", "867"),
    ],
)
def test_what_looks_like_a_secret_or_a_person_is_masked(sentence: str, secret: str) -> None:
    assert secret in sentence
    for text in (
        told(why=sentence),
        told(event=sentence),
        told(why=[sentence]),
        told("journal", why=sentence),
        told("console", why=sentence),
    ):
        assert secret not in text
        assert log.HIDDEN in text


@pytest.mark.parametrize(
    "sentence",
    [
        "dav.example.org cannot be reached. Left alone until 10:05:00; 'followsync sync' tries at once.",
        "config.yaml:12:3: 'capcity' is not a key here; did you mean 'capacity'?",
        "the secret's file phone.password does not exist; write it, readable by this user only",
        "2026-01-05T09:00:00-05:00",
        "very-long-calendar-server-name-2026.example.org does not answer",
    ],
)
def test_harmless_sentences_stay_as_they_are(sentence: str) -> None:
    assert json.loads(told(why=sentence))["why"] == sentence


def broken() -> None:
    raise KeyError("Jenny, 248.867.5309, password hunter2")


def test_an_unexpected_failure_is_told_by_kind_and_place_without_its_words() -> None:
    try:
        broken()
    except KeyError as error:
        lines = [told(failure=error), told(exc_info=True), told(exc_info=error), told(level="exception")]
    for text in lines:
        line = json.loads(text)
        assert line["failure"] == "KeyError"
        assert line["at"][-1].startswith("tests/test_log.py:")
        assert "Jenny" not in text
        assert "hunter2" not in text


def test_a_failure_of_our_own_says_its_sentence() -> None:
    line = json.loads(told(failure=Unavailable("dav.example.org does not answer.")))
    assert (line["failure"], line["why"]) == ("Unavailable", "dav.example.org does not answer.")


def test_objects_of_other_kinds_are_named_only_by_their_kind() -> None:
    class Prospect:
        def __repr__(self) -> str:
            return "Jenny"

    assert json.loads(told(found=Prospect(), when=datetime(2026, 1, 5, tzinfo=UTC), path=Path("a/b"))) | {"timestamp": ""} == {
        "event": "cycle",
        "level": "info",
        "rep": "dana",
        "found": "<Prospect>",
        "when": "2026-01-05 00:00:00+00:00",
        "path": "a/b",
        "timestamp": "",
    }


def test_libraries_are_heard_without_their_words() -> None:
    out = io.StringIO()
    log.set_up(form="json", stream=out)
    logging.getLogger("caldav").warning("odd entry: %s", "Call Jenny")
    logging.getLogger("caldav").info("nothing")
    line = json.loads(out.getvalue())
    assert (line["library"], line["level"]) == ("caldav", "warning")
    assert line["at"].startswith("test_log:")
    assert "Jenny" not in out.getvalue()


def test_where_the_log_goes_decides_its_form(tmp_path: Path) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    with (tmp_path / "journal").open("w") as stream:
        status = os.fstat(stream.fileno())
        ours = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        assert log._form(stream, ours) == "journal"
        assert log._form(stream, {"JOURNAL_STREAM": "1:2"}) == "json"  # the journal is there, but this goes elsewhere
        assert log._form(stream, {}) == "json"
    assert log._form(Terminal(), ours) == "console"
    assert log._form(io.StringIO(), ours) == "json"
