"""The config: what is right is read exactly, what is wrong is told in one sentence at its place, and nothing else ever happens."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from followsync.config import Secret, Settings, access, json_schema, load, notes
from followsync.config.document import parse
from followsync.config.settings import CalDavBusy, CalDavTarget, GoogleTarget, IcsBusy, IcsTarget
from followsync.config.times import On
from followsync.core.cadence import Busy, Duration, Form, Shift, Shows, Unit, Window
from followsync.errors import ConfigError, LoginNeeded, Problem, SecretMissing

ROOT = Path(__file__).parent.parent
OFFICE = Window(time(9), time(17))

# product.md, section 5, with its placeholders filled in
PRODUCT = """\
# yaml-language-server: $schema=./followsync.schema.json
store: sqlite                     # default: under $STATE_DIRECTORY or the XDG state folder; or sqlite:///path, postgresql+psycopg://…
reps:
  dana:
    name: Dana Reyes
    timezone: America/Detroit
    hours: {mon-fri: 09:00-17:00}
    holidays: US-MI               # country[-subdivision]; plus `extra: [2026-12-24]`
    away: [2026-07-03/2026-07-10]
    capacity: 12                  # actions a day
    buffer: 10 minutes
    targets: [phone]
    busy: [personal]
targets:
  phone:
    type: caldav                  # caldav | google | ics
    url: https://dav.example.org/
    username: dana
    password: {env: FOLLOWSYNC_PHONE_PASSWORD}   # or file:, command:, credential: (systemd)
    calendar: Follow-ups          # made if it is missing
    write: event                  # event | task | auto
  gcal:
    type: google
    client_secrets: {file: google-client.json}      # auth_uri and token_uri are taken from it
    token: {file: google-token.json}                # Google's authorized_user JSON, written 0600 by `auth google`
    calendar: Follow-ups                            # our own secondary calendar; its id is stored
    write: auto                                     # auto: methods with `as: task` become date-only tasks, all else events
    tasks: Follow-ups                               # the task list for those
    root_url: https://www.googleapis.com/           # another one for a test server; calls, batches and Tasks all follow it
  feed-file: {type: ics, path: follow-ups.ics}      # written whole, then renamed
busy:
  personal: {type: caldav, url: https://dav.example.org/, username: dana, password: {env: FOLLOWSYNC_PHONE_PASSWORD}, calendars: [Personal]}
methods:
  call:   {verb: Call, minutes: 15, alarms: [15 minutes]}
  letter: {verb: Write letter to, minutes: 20, lead: 4 working days}
cadences:
  worksheet:
    for: {stage: pitched}         # all must match: stage, tags, source, reason, preferred method, any field; first cadence that matches
    start: met
    min_gap: 7 days
    steps:
      - {after: 3 days, method: email, purpose: say thanks}
      - {id: first-call, after: 3 weeks, method: call, purpose: set a meeting with the real decision makers}
      - {every: 90 days, from: first-call, method: email, purpose: see if the competition has dropped the ball}
      - {every: 4 months, from: first-call, method: call, purpose: tell them of a price or terms change, window: morning}
sync: {every: 5 minutes}
feed: {listen: 127.0.0.1:8765, public_url: https://follow.example.org}
"""


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "followsync.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def good(folder: Path, text: str) -> Settings:
    return load(write(folder, text))


def wrong(folder: Path, text: str | bytes) -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        load(write(folder, text))
    assert caught.value.__cause__ is None
    assert caught.value.exit_code == 78
    return list(caught.value.problems)


def told(path: Path) -> list[Problem]:
    try:
        load(path)
    except ConfigError as error:
        return list(error.problems)
    return []


REP = "reps: {dana: {timezone: America/Detroit}}\n"


# What is right


def test_the_products_own_example(tmp_path: Path) -> None:
    config = good(tmp_path, PRODUCT)
    assert config.path == tmp_path / "followsync.yaml"
    assert config.folder == tmp_path
    assert config.store == "sqlite"
    (dana,) = config.reps.values()
    assert (dana.name, dana.timezone, dana.capacity, dana.buffer) == ("Dana Reyes", "America/Detroit", 12, timedelta(minutes=10))
    assert dana.hours == {"mon-fri": (OFFICE,)}
    assert dana.holidays is not None
    assert (dana.holidays.region, dana.holidays.extra, dana.holidays.but) == ("US-MI", (), ())
    assert dana.away == ((date(2026, 7, 3), date(2026, 7, 10)),)
    assert (dana.targets, dana.busy, dana.blocks, dana.day_parts, dana.daily_page) == (("phone",), ("personal",), {}, {}, time(8))
    assert config.sync.every == timedelta(minutes=5)
    assert config.feed.listen is not None
    assert (config.feed.listen.host, config.feed.listen.port, str(config.feed.listen)) == ("127.0.0.1", 8765, "127.0.0.1:8765")
    assert config.feed.public_url == "https://follow.example.org"
    assert (config.feed.past, config.feed.future) == (Duration(30, Unit.DAYS), Duration(365, Unit.DAYS))


def test_the_products_targets(tmp_path: Path) -> None:
    config = good(tmp_path, PRODUCT)
    phone, gcal, file, personal = *config.targets.values(), config.busy["personal"]
    assert isinstance(phone, CalDavTarget)
    assert (phone.type, phone.url, phone.username, phone.calendar, phone.write) == (
        "caldav",
        "https://dav.example.org/",
        "dana",
        "Follow-ups",
        "event",
    )
    assert phone.password == Secret(env="FOLLOWSYNC_PHONE_PASSWORD")
    assert phone.timeout.total_seconds() == 30
    assert isinstance(gcal, GoogleTarget)
    assert (gcal.client_secrets.file, gcal.token.file) == (tmp_path / "google-client.json", tmp_path / "google-token.json")
    assert (gcal.calendar, gcal.write, gcal.tasks, gcal.root_url) == ("Follow-ups", "auto", "Follow-ups", "https://www.googleapis.com/")
    assert isinstance(file, IcsTarget)
    assert file.path == tmp_path / "follow-ups.ics"
    assert isinstance(personal, CalDavBusy)
    assert (personal.calendars, personal.all_day, personal.username) == (("Personal",), "free", "dana")


def test_the_products_rules(tmp_path: Path) -> None:
    config = good(tmp_path, PRODUCT)
    call, letter = config.methods["call"], config.methods["letter"]
    assert (call.verb, call.minutes, call.alarms, call.shows, call.hours) == ("Call", 15, (15,), Shows.PHONE, OFFICE)
    gift = config.methods["gift"]
    assert (gift.lead, gift.buy, letter.buy) == (None, Duration(1, Unit.WEEKS), None)
    assert (letter.verb, letter.minutes, letter.lead) == ("Write letter to", 20, Duration(4, Unit.WORKING_DAYS))
    (cadence,) = config.cadences.values()
    assert (cadence.criteria, cadence.start, cadence.min_gap) == ({"stage": ("pitched",)}, "met", Duration(7, Unit.DAYS))
    assert (cadence.prefer, cadence.ahead, cadence.retry.after, cadence.retry.limit) == ("", None, Duration(1, Unit.WORKING_DAYS), None)
    thanks, first, email, prices = cadence.steps
    assert (thanks.after, thanks.method, thanks.purpose, thanks.since) == (Duration(3, Unit.DAYS), "email", "say thanks", "start")
    assert (first.id, first.after, first.purpose) == ("first-call", Duration(3, Unit.WEEKS), "set a meeting with the real decision makers")
    assert (email.every, email.since) == (Duration(90, Unit.DAYS), "first-call")
    assert (prices.every, prices.since, prices.window) == (Duration(4, Unit.MONTHS), "first-call", "morning")
    assert (prices.shift, prices.when, prices.to, prices.form, prices.they_know) == (Shift.NEXT, (), "", None, None)


def test_the_least_config_is_one_rep_with_a_time_zone(tmp_path: Path) -> None:
    config = good(tmp_path, REP)
    dana = config.reps["dana"]
    assert (dana.name, dana.hours, dana.targets, dana.holidays) == ("Dana", {"mon-fri": (OFFICE,)}, (), None)
    assert config.reasons["contract_end"].before == Duration(30, Unit.DAYS)
    assert config.feed.listen is None


@pytest.mark.parametrize(
    ("name", "verb", "minutes", "shows"),
    [
        ("call", "Call", 15, Shows.PHONE),
        ("visit", "Visit", 45, Shows.ADDRESS),
        ("letter", "Write letter to", 20, Shows.ADDRESS),
        ("email", "Email", 10, Shows.EMAIL),
        ("video", "Video call with", 30, Shows.URL),
        ("meeting", "Meet", 60, Shows.ADDRESS),
        ("coffee", "Coffee with", 60, Shows.ADDRESS),
        ("gift", "Send gift to", 20, Shows.ADDRESS),
        ("newsletter", "Send newsletter to", 10, Shows.EMAIL),
    ],
)
def test_built_in_methods(tmp_path: Path, name: str, verb: str, minutes: int, shows: Shows) -> None:
    method = good(tmp_path, REP).methods[name]
    assert (method.verb, method.minutes, method.shows, method.alarms, method.busy) == (verb, minutes, shows, (15,), Busy.DUE)


def test_methods_are_laid_over_the_built_in_ones_key_by_key(tmp_path: Path) -> None:
    config = good(tmp_path, REP + "methods: {call: {minutes: 5, as: task}, candy-gram: {verb: Send candy-gram to}}\n")
    assert (config.methods["call"].verb, config.methods["call"].minutes, config.methods["call"].form) == ("Call", 5, Form.TASK)
    assert (config.methods["candy-gram"].verb, config.methods["candy-gram"].minutes) == ("Send candy-gram to", 15)


def test_every_key_of_a_step(tmp_path: Path) -> None:
    text = """\
cadences:
  a:
    for: {preferred method: [Call, EMAIL], zip: 48009, code: 08009, vip: true}
    ahead: 2 weeks
    retry: {after: 2 days, limit: 3}
    steps:
      - {before: 30 days, of: contract_end, method: visit, purpose: x, agenda: [a, b], questions: [c], they_know: no, window: 14:00-16:00}
      - {on: contract_end, method: visit, purpose: x, minutes: 90, shift: previous, if: [no answer, no], to: absent deciders, as: task}
      - {on: 0 days, of: met, method: visit, purpose: x, they_know: true, title: "{{ verb }}", body: "x", if: [left-message, 3 attempts]}
"""
    cadence = good(tmp_path, REP + text).cadences["a"]
    assert cadence.criteria == {"preferred method": ("call", "email"), "zip": ("48009",), "code": ("08009",), "vip": ("true",)}
    assert (cadence.ahead, cadence.retry.limit) == (Duration(2, Unit.WEEKS), 3)
    before, on, day = cadence.steps
    assert (before.before, before.of, before.agenda, before.questions) == (Duration(30, Unit.DAYS), "contract_end", ("a", "b"), ("c",))
    assert (before.they_know, before.window) == (False, Window(time(14), time(16)))
    assert (on.on, on.minutes, on.shift, on.when, on.to, on.form) == (
        On("contract_end"),
        90,
        Shift.PREVIOUS,
        ("no answer", "no"),
        "absent deciders",
        Form.TASK,
    )
    assert (day.on, day.of, day.they_know, day.title, day.when) == (On(), "met", True, "{{ verb }}", ("left message", "3 attempts"))


def test_every_key_of_a_rep_and_of_busy_sources(tmp_path: Path) -> None:
    text = """\
reps:
  dana:
    timezone: Europe/Berlin
    hours: {"tue,thu": [09:00-12:00, 13:00-17:00], Saturday: 9:00-12:00}
    holidays: {region: usa-mi, extra: [2026-12-24], except: [2026-07-04]}
    blocks: {call: {"tue,thu": 09:00-11:00}}
    day_parts: {evening: 16:00-17:00}
    daily_page: off
    busy: [a, b]
busy:
  a: {type: ics, url: webcal://golf.example.org/x.ics, all_day: busy, timeout: 2 minutes}
  b: {type: ics, path: sub/x.ics}
store: sqlite:///data/x.db
page: {public_url: "http://127.0.0.1:8765/"}
"""
    config = good(tmp_path, text)
    dana, a, b = config.reps["dana"], config.busy["a"], config.busy["b"]
    assert dana.hours["tue,thu"] == (Window(time(9), time(12)), Window(time(13), time(17)))
    assert dana.holidays is not None
    assert (dana.holidays.region, dana.holidays.extra, dana.holidays.but) == ("US-MI", (date(2026, 12, 24),), (date(2026, 7, 4),))
    assert dana.blocks == {"call": {"tue,thu": (Window(time(9), time(11)),)}}
    assert (dana.day_parts, dana.daily_page) == ({"evening": Window(time(16), time(17))}, None)
    assert isinstance(a, IcsBusy)
    assert isinstance(b, IcsBusy)
    assert (a.url, a.path, a.all_day, a.timeout) == ("https://golf.example.org/x.ics", None, "busy", timedelta(minutes=2))
    assert (b.url, b.path) == (None, tmp_path / "sub" / "x.ics")
    assert config.store == f"sqlite:///{tmp_path}/data/x.db"
    assert config.page.public_url == "http://127.0.0.1:8765/"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 days", Duration(3, Unit.DAYS)),
        ("1 day", Duration(1, Unit.DAYS)),
        ("4 working days", Duration(4, Unit.WORKING_DAYS)),
        ("1 working day", Duration(1, Unit.WORKING_DAYS)),
        ("3 weeks", Duration(3, Unit.WEEKS)),
        ("4 Months", Duration(4, Unit.MONTHS)),
        ("1 year", Duration(1, Unit.YEARS)),
    ],
)
def test_durations(tmp_path: Path, text: str, expected: Duration) -> None:
    config = good(tmp_path, REP + f"cadences: {{a: {{steps: [{{after: {text}, method: call, purpose: x}}]}}}}\n")
    assert config.cadences["a"].steps[0].after == expected


def test_scalars_are_those_of_yaml_1_2() -> None:
    text = "[14:30, no, NO, yes, on, off, 2026-07-03, 1.5, 0x10, 012, 1_000, 12, -3, true, 'true', null, 99999999999999999999, 1e3]"
    assert parse(text, "x").plain() == [
        *("14:30", "no", "NO", "yes", "on", "off", "2026-07-03", "1.5", "0x10", "012", "1_000", 12, -3, True, "true", None),
        *("99999999999999999999", "1e3"),
    ]


def test_an_alias_repeats_a_value(tmp_path: Path) -> None:
    text = "reps:\n  dana: &usual {timezone: America/Detroit, capacity: 3}\n  lee: *usual\n"
    assert good(tmp_path, text).reps["lee"].capacity == 3


def test_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    assert load(write(tmp_path, b"\xef\xbb\xbf" + PRODUCT.replace("\n", "\r\n").encode())).reps["dana"].capacity == 12


# What is wrong: (text after a good rep in line 1, line, column, telling words)

STEP = "cadences: {a: {start: met, steps: ["
WRONG: dict[str, tuple[str, int, int, str]] = {
    "unknown key": ("stor: sqlite", 2, 1, "unknown key 'stor'; did you mean 'store'?"),
    "unknown key deep": ("sync: {evry: 5 minutes}", 2, 8, "unknown key 'evry'; did you mean 'every'?"),
    "unknown key in a union": ("targets:\n  x: {type: ics, path: a, pth: b}", 3, 27, "unknown key 'pth'; did you mean 'path'?"),
    "duplicate key": ("sync: {every: 5 minutes}\nsync: {}", 3, 1, "duplicate key 'sync': it already stands in line 2"),
    "duration without a unit": ("sync: {every: 5}", 2, 15, "5 is not a duration; write a number and a unit"),
    "duration with a strange unit": ("sync: {every: 5 minuts}", 2, 15, "the unit 'minuts' is not known; did you mean 'minutes'?"),
    "duration of another name": (STEP + "{after: 3 business days, method: call, purpose: x}]}}", 2, 44, "write '3 working days'"),
    "duration of no unit": (
        STEP + "{after: 3 fortnights, method: call, purpose: x}]}}",
        2,
        44,
        "known are seconds, minutes, hours, days, working",
    ),
    "duration of zero": ("sync: {every: 0 minutes}", 2, 15, "must be more than zero"),
    "a stream of zero": ("cadences: {c: {steps: [{every: 0 days, method: call, purpose: ask}]}}", 2, 32, "must be more than zero"),
    "negative duration": ("sync: {every: -5 minutes}", 2, 15, "must be more than zero"),
    "month as a time-out": ("busy: {a: {type: ics, url: https://x.example.org/, timeout: 1 month}}", 2, 61, "has no fixed length"),
    "hours for a step": (STEP + "{after: 3 hours, method: call, purpose: x}]}}", 2, 44, "only days, working days, weeks"),
    "a thousand years": (STEP + "{after: 1000 years, method: call, purpose: x}]}}", 2, 44, "more than a hundred years"),
    "window backwards": (STEP + "{after: 1 day, method: call, purpose: x, window: 16:00-14:00}]}}", 2, 85, "ends before it starts"),
    "no such window": (STEP + "{after: 1 day, method: call, purpose: x, window: mornin}]}}", 2, 85, "did you mean 'morning'?"),
    "unknown method": (STEP + "{after: 1 day, method: cal, purpose: x}]}}", 2, 59, "unknown method 'cal'; did you mean 'call'?"),
    "no purpose": (STEP + "{after: 1 day, method: call}]}}", 2, 36, "'purpose' is missing"),
    "empty purpose": (STEP + "{after: 1 day, method: call, purpose: ' '}]}}", 2, 74, "this text is empty"),
    "if beyond the limit": (
        "cadences: {a: {retry: {limit: 3}, steps: [{after: 1 day, method: call, purpose: x}, "
        "{after: 1 day, method: call, purpose: x, if: [4 attempts, 5 attempts]}]}}",
        2,
        130,
        "can never hold: after 3 the rep is asked",
    ),
    "ifs in a circle": (
        STEP + "{id: b, after: 1 day, from: c, method: call, purpose: x, if: done}, "
        "{id: c, after: 1 day, method: call, purpose: x, if: done}]}}",
        2,
        97,
        "wait for each other: 1, 2",
    ),
    "if of the first step": (STEP + "{after: 1 day, method: call, purpose: x, if: done}]}}", 2, 77, "the first step has no step before it"),
    "if after none": (
        STEP + "{after: 1 day, method: call, purpose: x}, {after: 1 day, method: call, purpose: x, if: 0 attempts}]}}",
        2,
        123,
        "'0 attempts' is no outcome or attempt; write one of: yes, no, next, done, attempt, no answer, left message, or a number such as "
        "'3 attempts'",
    ),
    "no method": (STEP + "{after: 1 day, purpose: x}]}}", 2, 36, "'method' is missing"),
    "step without a day": (STEP + "{method: call, purpose: x}]}}", 2, 36, "write one of after, every, before, on"),
    "step with two days": (STEP + "{after: 1 day, every: 2 days, method: call, purpose: x}]}}", 2, 51, "has 'after' and 'every'"),
    "from nowhere": (
        STEP + "{after: 1 day, from: frst, method: call, purpose: x}, {id: first, on: met, method: call, purpose: x}]}}",
        2,
        57,
        "'from' names no step: 'frst'; did you mean 'first'?",
    ),
    "from itself": (STEP + "{id: a, after: 1 day, from: a, method: call, purpose: x}]}}", 2, 64, "this step counts from itself"),
    "circle": (
        STEP + "{id: a, after: 1 day, from: b, method: call, purpose: x}, {id: b, after: 1 day, from: previous, method: call, "
        "purpose: x}]}}",
        2,
        64,
        "in a circle: 1, 2",
    ),
    "same id": (
        STEP + "{id: a, after: 1 day, method: call, purpose: x}, {id: a, after: 1 day, method: call, purpose: x}]}}",
        2,
        90,
        "duplicate step id 'a': step 1 has it already",
    ),
    "before what": ("cadences: {a: {steps: [{before: 1 day, method: call, purpose: x}]}}", 2, 25, "write 'of: contract_end'"),
    "of with after": (STEP + "{after: 1 day, of: met, method: call, purpose: x}]}}", 2, 51, "'of' belongs to before and on"),
    "prefer unused": (
        "cadences: {a: {prefer: email, steps: [{after: 1 day, method: call, purpose: x}]}}",
        2,
        24,
        "no step of this cadence",
    ),
    "limit of nothing": (
        "cadences: {a: {retry: {limit: 0}, steps: [{after: 1 day, method: call, purpose: x}]}}",
        2,
        31,
        "'none', or a whole",
    ),
    "reason by a strange method": ("reasons: {a: {before: 1 day, method: vist}}", 2, 38, "unknown method 'vist'; did you mean 'visit'?"),
    "method without a verb": ("methods: {candy-gram: {minutes: 5}}", 2, 11, "the method 'candy-gram' needs a 'verb'"),
    "broken template": ("methods: {call: {title: '{{ verb'}}", 2, 25, "this template cannot be read"),
    "unknown filter": ("methods: {call: {body: '{{ x | uper }}'}}", 2, 24, "'uper', which is not known; did you mean 'upper'?"),
    "single braces": ("methods: {call: {title: '{verb} {person}'}}", 2, 25, "write {{ verb }}"),
    "long template": (f"methods: {{call: {{body: {'x' * 4001}}}}}", 2, 24, "4,000 is the most"),
    "word that is not one of": ("methods: {call: {busy: allways}}", 2, 24, "takes one of due, always, never; did you mean 'always'?"),
    "inline secret": (
        "targets: {a: {type: caldav, url: https://x.example.org/, username: d, password: hunter2}}",
        2,
        81,
        "{credential: NAME}",
    ),
    "secret in two places": (
        "targets: {a: {type: caldav, url: https://x.example.org/, username: d, password: {env: A, file: b}}}",
        2,
        81,
        "is kept in one place",
    ),
    "password without user": ("targets: {a: {type: caldav, url: https://x.example.org/, password: {env: A}}}", 2, 58, "needs a 'username'"),
    "plain http": ("targets: {a: {type: caldav, url: http://x.example.org/}}", 2, 34, "write https://"),
    "password in a url": ("targets: {a: {type: caldav, url: https://d:hunter2@x.example.org/}}", 2, 34, "may not stand in an address"),
    "password in the store": (
        "store: postgresql+psycopg://d:hunter2@x.example.org/db",
        2,
        8,
        "say with 'store_password' where it is kept: {env: NAME}",
    ),
    "strange store": ("store: mysql", 2, 8, "write 'sqlite', 'sqlite:///PATH' or"),
    "strange type": ("targets: {a: {type: caldv}}", 2, 21, "did you mean 'caldav'?"),
    "no type": ("targets: {a: {url: https://x.example.org/}}", 2, 11, "'type' is missing"),
    "missing key": ("targets: {a: {type: ics}}", 2, 11, "'path' is missing: the file"),
    "ics from nowhere": ("busy: {a: {type: ics}}", 2, 8, "either a 'path' or a 'url'"),
    "strange address": ("feed: {listen: 8765}", 2, 16, "write HOST:PORT"),
    "port too large": ("feed: {listen: 'localhost:70000'}", 2, 16, "write HOST:PORT"),
    "empty value": ("sync:", 2, 1, "'sync' is empty"),
    "not a mapping": ("sync: 5 minutes", 2, 7, "must have keys of its own"),
    "not a list": ("methods: {call: {alarms: 15 minutes}}", 2, 26, "must be a list"),
    "not text": ("targets: {a: {type: caldav, url: https://x.example.org/, calendar: 2026}}", 2, 68, "put it into quotes: '2026'"),
    "not a number": ("methods: {call: {minutes: '15'}}", 2, 27, "must be a whole number"),
    "true is no number": ("methods: {call: {minutes: true}}", 2, 27, "must be a whole number"),
    "bad name": ("targets: {My Phone: {type: ics, path: a}}", 2, 11, "small letters, digits"),
    "tab": ("sync:\n\tevery: 5 minutes", 3, 1, "indent with spaces"),
    "quote": ("store: 'sqlite", 2, 8, "this quote is never closed"),
    "list not closed": ("cadences: [a, b", 2, 11, "this list is not closed"),
    "two colons": ("store: sync: x", 2, 12, "a ':' is not expected here"),
    "tag": ("store: !!python/object:os.system x", 2, 8, "tags are not used here"),
    "merge key": ("sync: {<<: {every: 5 minutes}}", 2, 8, "merge keys"),
    "second document": ("---\nreps: {}", 2, 1, "a second document begins here"),
    "unknown alias": ("store: *hunter2", 2, 8, "this alias names nothing"),
    "endless alias": ("sync: &a {every: *a}", 2, 18, "this alias names nothing"),
    "odd key": ("? [a, b]\n: c", 2, 3, "a key must be one word"),
    "control character": ("store: a\x07b", 2, 9, "U+0007"),
    "escaped control character": ('store: "a\\0b"', 2, 8, "control character"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_in_one_place(tmp_path: Path, kind: str) -> None:
    text, line, column, words = WRONG[kind]
    found = wrong(tmp_path, REP + text + "\n")
    assert [(problem.where, problem.line, problem.column) for problem in found] == [(str(tmp_path / "followsync.yaml"), line, column)]
    assert words in found[0].message
    assert "hunter2" not in str(found)


# The same for a rep: (its keys, column of the mistake in line 2, telling words)
TWINS = """\
reps:
  dana: {timezone: America/Detroit, targets: [phone]}
  lee: {timezone: America/Detroit, targets: [tablet]}
targets:
  phone: {%s}
  tablet: {%s}
"""
SAME = {
    "the same words": ("type: caldav, url: 'https://dav.example.org/'", "type: caldav, url: 'https://dav.example.org/'"),
    "host, port and slash": (
        "type: caldav, url: 'https://dav.example.org/dana', username: d, password: {env: A}",
        "type: caldav, url: 'https://DAV.Example.org:443/dana/', username: d, password: {env: B}, calendar: Follow-ups",
    ),
    "a letter written in numbers": (
        "type: caldav, url: 'https://dav.example.org/d@x.org/'",
        "type: caldav, url: 'https://dav.example.org/d%40x.org/'",
    ),
    "an e-mail address": (
        "type: caldav, url: dana@example.org",
        "type: caldav, url: dana@Example.org, username: dana@example.org, password: {env: A}",
    ),
    "its own address": (
        "type: caldav, url: 'https://dav.example.org/', calendar: 'https://dav.example.org/dana/work/'",
        "type: caldav, url: 'https://dav.example.org/dana/', calendar: 'https://dav.example.org/dana/work'",
    ),
    "google": (
        "type: google, client_secrets: {file: c}, token: {file: t}",
        "type: google, client_secrets: {file: d}, token: {file: t}, calendar: Follow-ups",
    ),
    "google's id": (
        "type: google, client_secrets: {file: c}, token: {file: t}, calendar: abc@group.calendar.google.com",
        "type: google, client_secrets: {file: c}, token: {file: u}, calendar: abc@group.calendar.google.com",
    ),
    "a file": ("type: ics, path: out.ics", "type: ics, path: ./sub/../out.ics"),
}
OTHER = {
    "calendar": ("type: caldav, url: 'https://dav.example.org/'", "type: caldav, url: 'https://dav.example.org/', calendar: Desk"),
    "user": (
        "type: caldav, url: 'https://dav.example.org/', username: d, password: {env: A}",
        "type: caldav, url: 'https://dav.example.org/', username: e, password: {env: A}",
    ),
    "port": ("type: caldav, url: 'https://dav.example.org/'", "type: caldav, url: 'https://dav.example.org:8443/'"),
    "path": ("type: caldav, url: 'https://dav.example.org/a/'", "type: caldav, url: 'https://dav.example.org/A/'"),
    "file": ("type: ics, path: out.ics", "type: ics, path: Out.ics"),
    "account": (
        "type: google, client_secrets: {file: c}, token: {file: t}",
        "type: google, client_secrets: {file: c}, token: {file: u}",
    ),
}


@pytest.mark.parametrize("targets", SAME.values(), ids=SAME)
@pytest.mark.parametrize("who", ["two reps", "one rep"])
def test_two_targets_of_one_calendar(tmp_path: Path, targets: tuple[str, str], who: str) -> None:
    text = TWINS % targets
    if who == "one rep":
        text = text.replace("[phone]", "[phone, tablet]").replace("[tablet]", "[]")
    (problem,) = wrong(tmp_path, text)
    assert (problem.line, problem.column) == (6, 3)
    assert "'tablet' is the same" in problem.message
    assert "as 'phone' in line 5, column 3; keep one of them" in problem.message


@pytest.mark.parametrize("targets", OTHER.values(), ids=OTHER)
def test_two_targets_of_two_calendars(tmp_path: Path, targets: tuple[str, str]) -> None:
    assert len(good(tmp_path, TWINS % targets).targets) == 2


def test_a_twin_that_nobody_uses_does_no_harm(tmp_path: Path) -> None:
    twins = TWINS % SAME["the same words"]
    assert len(good(tmp_path, twins.replace("[tablet]", "[]")).targets) == 2
    assert good(tmp_path, twins.replace("[tablet]", "[phone]")).reps["lee"].targets == ("phone",)


def test_a_file_has_one_rep(tmp_path: Path) -> None:
    (problem,) = wrong(tmp_path, (TWINS % ("type: ics, path: a.ics", "type: ics, path: b.ics")).replace("[tablet]", "[tablet, phone]"))
    assert (problem.line, problem.column) == (3, 54)
    assert "the file of 'phone' holds one rep's follow-ups, and 'dana' has it already; give 'lee' a file of their own" in problem.message


WRONG_REP: dict[str, tuple[str, int, str]] = {
    "no time zone": ("name: Dana", 3, "'timezone' is missing: the rep's IANA time zone, such as America/Detroit"),
    "unknown zone": ("timezone: America/Detriot", 17, "did you mean 'America/Detroit'?"),
    "a zone's folder": ("timezone: America", 17, "is not a known time zone"),
    "a city alone": ("timezone: detroit", 17, "did you mean 'America/Detroit'?"),
    "unknown country": ("timezone: UTC, holidays: Germany", 32, "near ones are: DE"),
    "unknown state": ("timezone: UTC, holidays: US-MX", 32, "US has no part 'MX' with holidays of its own; near ones are: "),
    "unknown state in keys": ("timezone: UTC, holidays: {region: US-MX}", 41, "US has no part 'MX'"),
    "no day": ("timezone: UTC, holidays: {region: US, extra: [2026-02-30]}", 53, "is not a day of the calendar"),
    "holidays of nothing": ("timezone: UTC, holidays: {}", 22, "these holidays name no days"),
    "no weekday": ("timezone: UTC, hours: {mon-fry: 09:00-17:00}", 30, "'mon-fry' does not name days of the week"),
    "no hours": ("timezone: UTC, hours: {}", 29, "'hours' is empty"),
    "half past 24": ("timezone: UTC, hours: {mon: 09:00-24:30}", 35, "'24:30' is not a time of day"),
    "hours backwards": ("timezone: UTC, hours: {mon: 17:00-09:00}", 35, "ends before it starts"),
    "hours overlap": ("timezone: UTC, hours: {mon-fri: 09:00-17:00, wed: 16:00-18:00}", 57, "overlap 09:00-17:00 of the same day (wed)"),
    "hours overlap in a list": ("timezone: UTC, hours: {mon: [09:00-12:00, 11:00-13:00]}", 49, "overlap 09:00-12:00"),
    "never at work": ("timezone: UTC, hours: {mon: [], tue: []}", 3, "this rep never works"),
    "leave backwards": ("timezone: UTC, away: [2026-07-10/2026-07-03]", 29, "ends before it starts"),
    "leave of a day": ("timezone: UTC, away: [2026-07-10]", 29, "write the first and the last"),
    "no capacity": ("timezone: UTC, capacity: 0", 32, "'capacity' must be at least 1, not 0"),
    "unknown target": ("timezone: UTC, targets: [fone]", 32, "unknown target 'fone'; did you mean 'phone'?"),
    "a target twice": ("timezone: UTC, targets: [phone, phone]", 39, "'phone' is named twice"),
    "unknown busy source": ("timezone: UTC, busy: [personel]", 29, "unknown busy source 'personel'; did you mean 'personal'?"),
    "block for no method": ("timezone: UTC, blocks: {calls: {tue: 09:00-11:00}}", 31, "unknown method 'calls'; did you mean 'call'?"),
    "no time for the page": ("timezone: UTC, daily_page: 8", 34, "is not a time of day"),
    "unknown key": ("timezon: UTC, timezone: UTC", 7, "unknown key 'timezon'; did you mean 'timezone'?"),
}


@pytest.mark.parametrize("kind", WRONG_REP)
def test_wrong_in_a_rep(tmp_path: Path, kind: str) -> None:
    keys, column, words = WRONG_REP[kind]
    text = "reps:\n" + f"  a: {{{keys}}}\n" + "targets: {phone: {type: ics, path: a}}\nbusy: {personal: {type: ics, path: b}}\n"
    (problem,) = wrong(tmp_path, text)
    assert (problem.line, problem.column) == (2, column)
    assert words in problem.message


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", (1, 1), "the file is empty"),
        ("# only a comment\n", (1, 1), "the file is empty"),
        ("- a\n- b\n", (1, 1), "the file must have keys"),
        ("hello\n", (1, 1), "the file must have keys"),
        ("store: sqlite\n", (1, 1), "'reps' is missing"),
        ("reps: {}\n", (1, 7), "'reps' is empty"),
        ("reps: {Dana: {timezone: UTC}}\n", (1, 8), "small letters, digits"),
        (b"store: sqlite\nreps: \xe9\n", (2, 7), "the byte 0xe9 is not UTF-8 text"),
        (REP.encode("utf-16"), (1, 1), "not UTF-8"),
        ("a: " + "[" * 100_000, (1, 44), "nested more than 40 deep"),
    ],
)
def test_wrong_as_a_whole(tmp_path: Path, text: str | bytes, place: tuple[int, int], words: str) -> None:
    (problem,) = wrong(tmp_path, text)
    assert (problem.line, problem.column) == place
    assert words in problem.message


def test_a_billion_laughs_are_refused_at_once(tmp_path: Path) -> None:
    rows = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (problem,) = wrong(tmp_path, "\n".join(rows))
    assert problem.line == 6
    assert "aliases unfold to more than 500,000 values" in problem.message


def test_no_file_a_folder_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, words in (
        (tmp_path / "none.yaml", "there is no such file"),
        (tmp_path, "this is a folder"),
        (Path("a\0b"), "cannot be read"),
    ):
        with pytest.raises(ConfigError, match=words):
            load(path)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # the tests may run as root, whom no mode refuses
    with pytest.raises(ConfigError, match="may not be read by this user"):
        load(tmp_path / "x.yaml")


def test_all_problems_at_once_sorted_by_place(tmp_path: Path) -> None:
    text = """\
stor: sqlite
reps:
  dana: {timezone: Mars/Base, capacity: 0, targets: [phone]}
targets:
  phon: {type: caldav, url: http://dav.example.org/, username: d, password: hunter2}
cadences:
  a:
    prefer: gift
    steps:
      - {after: 3 wks, method: cal, purpose: ""}
      - {id: b, from: b, every: 2 weeks, method: call, purpose: x, colour: red}
sync: {every: 5}
"""
    found = wrong(tmp_path, text)
    assert [(problem.line, problem.column) for problem in found] == [
        *[(1, 1), (3, 20), (3, 41), (3, 54), (5, 29), (5, 77), (8, 13)],
        *[(10, 17), (10, 32), (10, 46), (11, 23), (11, 68), (12, 15)],
    ]
    assert found == sorted(found)
    error = ConfigError(*found)
    assert str(error).splitlines()[0] == f"{tmp_path}/followsync.yaml:1:1: unknown key 'stor'; did you mean 'store'?"
    assert "hunter2" not in str(error)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(), st.binary(), st.text(alphabet="abr:-[]{},&*!|>'\"%@#? \n\t0.~<").map(str)))
def test_nothing_but_config_errors_whatever_the_bytes(tmp_path_factory: pytest.TempPathFactory, junk: str | bytes) -> None:
    raw = junk.encode("utf-8", "surrogatepass") if isinstance(junk, str) else junk
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path_factory.getbasetemp(), raw))
    assert caught.value.problems


_leaf = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.sampled_from(["3 days", "call", "09:00-17:00", "caldav"])
)
_known_keys = st.sampled_from(
    sorted({key for part in json_schema()["$defs"].values() for key in part.get("properties", {})} | {"dana", "a"})
)
_tree = st.recursive(_leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_known_keys, inner, max_size=4), max_leaves=12)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(json_schema()["properties"])), _tree, max_size=6))
def test_nothing_but_config_errors_whatever_the_shape(tmp_path_factory: pytest.TempPathFactory, data: object) -> None:
    path = write(tmp_path_factory.getbasetemp(), yaml.safe_dump(data, allow_unicode=True))
    assert all(problem.line >= 1 and problem.column >= 1 and problem.message for problem in told(path))


# Secrets


def test_a_secret_from_each_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pass").write_text("from file\n")
    (tmp_path / "cred").write_text("from systemd\r\n")
    monkeypatch.setenv("FS_SECRET", "from env")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    ways = ["{env: FS_SECRET}", "{file: pass}", f"{{command: ['{sys.executable}', -c, \"print('from' + ' list')\"]}}", "{credential: cred}"]
    ways.append(f"{{command: \"{sys.executable} -c 'print(5)'\"}}")
    rows = "".join(f"  t{n}: {{type: caldav, url: 'https://x.example.org', username: d, password: {way}}}\n" for n, way in enumerate(ways))
    config = good(tmp_path, f"{REP}targets:\n{rows}")
    revealed = [target.password.reveal() for target in config.targets.values() if isinstance(target, CalDavTarget) and target.password]
    assert revealed == ["from env", "from file", "from list", "from systemd", "5"]
    for shown in (repr(config), str(config), config.model_dump_json()):
        assert not any(secret in shown for secret in revealed[:4])


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        (Secret(env="FS_NOT_SET"), "the environment variable FS_NOT_SET is empty or not set"),
        (Secret(file="/nonexistent/pass"), "the secret's file /nonexistent/pass does not exist"),
        (Secret(file=os.fspath(ROOT)), "cannot be read: Is a directory"),
        (Secret(command="false --token hunter2"), "failed (exit status 1); run it by hand"),
        (Secret(command="true"), "the output of the command 'true' is empty"),
        (Secret(command=["/nonexistent/program", "hunter2"]), "is not there, or may not be run"),
        (Secret(credential="phone"), "LoadCredential="),
    ],
)
def test_a_secret_that_cannot_be_had(secret: Secret, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(SecretMissing) as caught:
        secret.reveal()
    assert words in str(caught.value)
    assert str(caught.value).endswith("."), "others go on behind it"
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("way", ["{credential: ../../etc/shadow}", "{env: $PASS}", '{command: "a \'b"}', "{file: 5}", "{}", "[hunter2]"])
def test_a_secret_that_is_kept_nowhere(tmp_path: Path, way: str) -> None:
    (problem,) = wrong(tmp_path, REP + f"targets: {{a: {{type: caldav, url: 'https://x.example.org', username: d, password: {way}}}}}\n")
    assert problem.line == 2
    assert problem.column >= 81
    assert "hunter2" not in problem.message


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("http://localhost:5232/", True),
        ("http://[::1]:5232/", True),
        ("http://127.9.9.9/", True),
        ("http://localhost.example.org/", False),
        ("http://127.0.0.1.example.org/", False),
        ("http://0.0.0.0/", False),
        ("ftp://x.example.org/", False),
        ("https://", False),
        ("https://[::1/", False),
        ("https://x.example.org:99999/", False),
        ("https://user@x.example.org/", False),
    ],
)
def test_addresses(tmp_path: Path, url: str, fine: bool) -> None:
    text = REP + f"targets: {{a: {{type: caldav, url: '{url}'}}}}\n"
    if fine:
        assert good(tmp_path, text).targets["a"]
    else:
        assert [(problem.line, problem.column) for problem in wrong(tmp_path, text)] == [(2, 34)]


SECRET_ADDRESSES = [
    "https://x.example.org/cal.ics?token=hunter2",
    "https://x.example.org/cal.ics?a=1&API_KEY=hunter2",
    "https://x.example.org/cal.ics?a=hunter2aB3cD4eF5gH6iJ7k",
    "https://x.example.org/cal.ics?hunter2aB3cD4eF5gH6iJ7k",
    "https://x.example.org/cal.ics#access_token=hunter2",
    "https://calendar.example.org/ical/dana%40example.org/private-hunter2aB3cD4eF5gH/basic.ics",
]


@pytest.mark.parametrize("url", [*SECRET_ADDRESSES, "https://dana:hunter2@x.example.org/cal.ics", "webcal://x.example.org/?sig=hunter2"])
def test_a_secret_address_does_not_stand_in_the_file(tmp_path: Path, url: str) -> None:
    (problem,) = wrong(tmp_path, REP + f"busy: {{a: {{type: ics, url: '{url}'}}}}\n")
    assert (problem.line, problem.column) == (2, 28)
    for word in ("a secret stands in this address", "{env: ", "{file: ", "{command: ", "{credential: "):
        assert word in problem.message
    assert "hunter2" not in problem.message


@pytest.mark.parametrize("url", SECRET_ADDRESSES)
@pytest.mark.parametrize("key", ["url: https://x.example.org/, calendar", "url"])
def test_nor_in_the_address_of_a_server_or_of_a_calendar(tmp_path: Path, url: str, key: str) -> None:
    (problem,) = wrong(tmp_path, REP + f"targets: {{a: {{type: caldav, {key}: '{url}'}}}}\n")
    assert "a secret stands in this address" in problem.message
    assert "hunter2" not in problem.message


@pytest.mark.parametrize(
    "url",
    [
        "https://x.example.org/league.ics?team=7&season=2026",
        "webcal://x.example.org/by?author=dana&keyword=golf",
        "https://calendar.example.org/ical/en.usa%23holiday%40group.v.calendar.google.com/public/basic.ics",
    ],
)
def test_an_address_for_everybody_may_stand_there(tmp_path: Path, url: str) -> None:
    (source,) = good(tmp_path, REP + f"busy: {{a: {{type: ics, url: '{url}'}}}}\n").busy.values()
    assert isinstance(source, IcsBusy)
    assert source.address() == url.replace("webcal:", "https:")


def test_a_secret_address_from_each_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = "webcal://dana:hunter2@x.example.org/private/hunter2.ics?token=hunter2"
    (tmp_path / "address").write_text(f"{kept}\n")
    monkeypatch.setenv("FS_ADDRESS", kept)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    ways = ["{env: FS_ADDRESS}", "{file: address}", "{command: [cat, '%s']}" % (tmp_path / "address"), "{credential: address}"]
    config = good(tmp_path, REP + "busy:\n" + "".join(f"  b{number}: {{type: ics, url: {way}}}\n" for number, way in enumerate(ways)))
    assert {source.address() for source in config.busy.values() if isinstance(source, IcsBusy)} == {kept.replace("webcal", "https")}
    for shown in (repr(config), str(config), config.model_dump_json()):
        assert "hunter2" not in shown


@pytest.mark.parametrize("kept", ["hunter2", "http://x.example.org/hunter2", "https://x.example.org:hunter2/", "https://x y/hunter2", ""])
def test_a_secret_address_that_is_none(kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FS_ADDRESS", kept)
    with pytest.raises((LoginNeeded, SecretMissing)) as caught:
        IcsBusy.model_validate({"type": "ics", "url": {"env": "FS_ADDRESS"}}).address()
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("{enw: A}", "unknown key 'enw'; did you mean 'env'?"),
        ("{env: A, file: b}", "a secret is kept in one place"),
        ("[a]", "is not an address"),
    ],
)
def test_a_secret_address_that_is_kept_nowhere(tmp_path: Path, url: str, words: str) -> None:
    (problem,) = wrong(tmp_path, REP + f"busy: {{a: {{type: ics, url: {url}}}}}\n")
    assert words in problem.message


# The schema and the example


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("on", ["birthday", "0 days", "3 days"])
def test_a_config_with_a_day_of_a_field_is_told_apart_without_a_warning(tmp_path: Path, on: str) -> None:
    step = f"cadences: {{b: {{start: met, steps: [{{on: {on}, method: gift, purpose: say happy birthday}}]}}}}\n"
    path = tmp_path / "config.yaml"
    path.write_text(REP + step)
    one = load(path).digest
    path.write_text(REP + step.replace(on, "contract_end"))
    assert load(path).digest != one


def test_the_shipped_schema_is_fresh() -> None:
    shipped = (ROOT / "followsync" / "followsync.schema.json").read_text("utf-8")
    assert shipped == json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    jsonschema.Draft202012Validator.check_schema(json_schema())


def test_every_key_has_a_description() -> None:
    parts = [json_schema(), *json_schema()["$defs"].values()]
    bare = [key for part in parts for key, value in part.get("properties", {}).items() if "description" not in value and key != "type"]
    assert bare == []


@pytest.mark.parametrize("text", [PRODUCT, (ROOT / "config.example.yaml").read_text("utf-8"), REP], ids=["product", "example", "least"])
def test_good_configs_keep_to_the_schema_too(tmp_path: Path, text: str) -> None:
    good(tmp_path, text)
    jsonschema.validate(parse(text, "x").plain(), json_schema(), jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    "kind", ["unknown key", "duration without a unit", "no purpose", "inline secret", "word that is not one of", "empty value"]
)
def test_wrong_configs_break_the_schema_too(kind: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(parse(REP + WRONG[kind][0], "x").plain(), json_schema(), jsonschema.Draft202012Validator)


def test_a_thousand_reps(tmp_path: Path) -> None:
    reps = "".join(f"  r{n}: {{timezone: America/Detroit, holidays: US-MI, hours: {{mon-fri: 09:00-17:00}}}}\n" for n in range(1000))
    assert len(good(tmp_path, f"reps:\n{reps}").reps) == 1000


def test_an_unknown_key_without_a_value_is_told_as_unknown(tmp_path: Path) -> None:
    assert "unknown key 'syncs'; did you mean 'sync'?" in [problem.message for problem in wrong(tmp_path, REP + "syncs:\n")]


def test_reading_a_plain_config_loads_neither_templates_nor_holidays(tmp_path: Path) -> None:
    path = write(tmp_path, REP)
    code = (
        "import sys, pathlib, followsync.config as c; c.load(pathlib.Path(sys.argv[1])); print({'jinja2', 'holidays'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_relative_path_is_remembered_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, REP + "targets: {a: {type: ics, path: x.ics}}\n")
    monkeypatch.chdir(tmp_path)
    config = load(Path("followsync.yaml"))
    target = config.targets["a"]
    assert config.path == tmp_path / "followsync.yaml"
    assert isinstance(target, IcsTarget)
    assert target.path == tmp_path / "x.ics"


def test_settings_are_frozen(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        good(tmp_path, REP).store = "sqlite:///x"  # type: ignore[misc]  # the very thing that must fail


# A file for each rep

KIM = "reps: {kim: {timezone: America/Chicago, targets: [kim-phone]}}\ntargets:\n  kim-phone: {type: ics, path: kim.ics}\n"


def piece(folder: Path, name: str, text: str) -> Path:
    (folder / "reps.d").mkdir(exist_ok=True)
    path = folder / "reps.d" / name
    path.write_text(text)
    return path


def test_a_file_for_each_rep_counts_as_if_it_stood_in_the_config(tmp_path: Path) -> None:
    piece(tmp_path, "kim.yaml", KIM)
    piece(tmp_path, "lee.yaml", "reps: {lee: {timezone: America/Chicago}}\n")
    piece(tmp_path, "not-read.yml~", "nonsense: [")
    settings = good(tmp_path, REP)
    assert set(settings.reps) == {"dana", "kim", "lee"}
    assert (settings.reps["kim"].name, settings.reps["kim"].targets) == ("Kim", ("kim-phone",))
    assert settings.targets["kim-phone"].path == tmp_path / "kim.ics"  # type: ignore[union-attr]  # counted from the config's folder


def test_reps_may_stand_in_their_files_alone(tmp_path: Path) -> None:
    piece(tmp_path, "kim.yaml", KIM)
    assert set(good(tmp_path, "sync: {every: 5 minutes}\n").reps) == {"kim"}


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("reps: {kim: {timezone: America/Chicgo}}", (1, 24), "did you mean 'America/Chicago'?"),
        ("reps: {kim: {timezone: America/Chicago, targets: [fon]}}", (1, 51), "unknown target 'fon'"),
        ("reps: {kim: {timezone: America/Chicago, hour: 1}}", (1, 41), "did you mean 'hours'?"),
        ("reps: {dana: {timezone: America/Chicago}}", (1, 8), "'dana' stands in "),
        ("sync: {every: 5 minutes}", (1, 1), "'sync' may not stand here but in the config itself"),
        ("reps: kim", (1, 1), "'reps' must have names below it"),
        ("- kim", (1, 1), "this file must have keys: reps, targets, busy"),
        ("", (1, 1), "this file must have keys: reps, targets, busy"),
        ("reps: {kim: {timezone: ", (2, 1), "not closed"),
    ],
)
def test_what_is_wrong_in_a_rep_s_file_is_told_there(tmp_path: Path, text: str, at: tuple[int, int], words: str) -> None:
    path = piece(tmp_path, "kim.yaml", text)
    found = [one for one in wrong(tmp_path, REP) if one.where == str(path)]
    assert [(one.line, one.column) for one in found] == [at], found
    assert words in found[0].message


def test_what_is_wrong_anywhere_is_told_at_once(tmp_path: Path) -> None:
    first, second = piece(tmp_path, "a.yaml", "sync: {}"), piece(tmp_path, "b.yaml", "reps: {kim: {}}")
    found = wrong(tmp_path, "reps: {dana: {timezone: Mars}}\n")
    assert {one.where for one in found} == {str(first), str(second), str(tmp_path / "followsync.yaml")}


UNMET = """
reps:
  dana: {timezone: America/Detroit, hours: {mon-thu: ["08:00-12:00", "13:00-17:00"]}, blocks: {visit: {sat: "09:00-11:00"}}}
  bob: {timezone: America/Detroit, blocks: {visit: {mon: "09:00-11:00"}}}
methods:
  survey: {verb: Survey at, minutes: 300}
  quick: {verb: Look at, minutes: 5}
cadences:
  c:
    steps:
      - {after: 0 days, method: survey, purpose: measure}
      - {after: 1 day, method: call, minutes: 250, purpose: talk}
      - {after: 2 days, method: call, purpose: talk, window: 18:00-20:00}
      - {after: 3 days, method: call, purpose: talk, window: 09:00-09:10}
      - {after: 4 days, method: visit, purpose: see, window: morning}
"""


def test_wishes_that_no_day_can_meet_are_noted_at_their_place(tmp_path: Path) -> None:
    found = [(note.line, note.message) for note in notes(write(tmp_path, UNMET))]
    assert [line for line, _ in found] == [3, 6, 12, 13, 14]
    kept, survey, call, evening, ten = (message for _, message in found)
    assert kept.startswith("the time kept for 'visit' has no 45 minutes within Dana's hours")
    assert survey.startswith("300 minutes fit no range of Dana's hours: it is put over the gap between them")
    assert call.startswith("250 minutes fit no range of Dana's hours")
    assert evening.startswith("this window has no 15 minutes within Dana's (and 1 more rep's) hours, so it is passed over")
    assert ten.startswith("this window has no 15 minutes within Dana's (and 1 more rep's) hours")


def test_a_plain_config_gives_no_notes(tmp_path: Path) -> None:
    assert notes(write(tmp_path, PRODUCT)) == ()


@pytest.mark.parametrize(
    ("mode", "owner", "groups", "shut"),
    [
        (0o600, 1, {7}, "read"),
        (0o640, 1, {7}, "read"),
        (0o640, 1, {8}, ""),
        (0o604, 1, {8}, "read"),  # the group's members have the group's rights
        (0o604, 1, {7}, ""),
        (0o040, 2, {8}, "read"),  # and the owner the owner's
        (0o400, 2, {7}, ""),
    ],
)
def test_who_may_read_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, owner: int, groups: set[int], shut: str) -> None:
    file = tmp_path / "password"
    file.write_text("x")

    def stat(path: Path, **kwargs: object) -> os.stat_result:
        folder = path != file
        if kwargs.get("follow_symlinks") is False:
            return os.lstat(path)
        return os.stat_result((0o755 if folder else mode, 0, 0, 0, 0 if folder else owner, 0 if folder else 8, 0, 0, 0, 0))

    monkeypatch.setattr(Path, "stat", stat)
    told = access.shut_out([file], access.User("svc", 2, 99, frozenset(groups)))
    says = "".join(told)
    assert (f"the user svc, who may not {shut} {file}, which is " in says) is bool(shut)
    assert (f"'s: say 'sudo chgrp 99 {file}' and 'sudo chmod 640 {file}'" in says) is bool(shut)
    assert access.shut_out([file], access.User("root", 0, 0, frozenset())) == []


def test_a_folder_on_the_way_may_be_shut(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir(mode=0o700)
    (tmp_path / "mine" / "password").write_text("x")
    (told,) = access.shut_out([tmp_path / "mine" / "password"], access.User("svc", os.getuid() + 1, 99, frozenset()))
    assert "may not enter" in told
    assert access.shut_out([tmp_path / "never"], access.User("svc", os.getuid(), 99, frozenset())) == [], (
        "that it is missing is told elsewhere"
    )
    assert access.user("nobody-of-that-name") is None


@pytest.fixture
def modes(monkeypatch: pytest.MonkeyPatch) -> dict[Path, int]:
    """Of folders and files; all others may be read by all."""
    found: dict[Path, int] = {}

    def stat(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        real = os.stat(path, follow_symlinks=follow_symlinks)
        kind = real.st_mode & ~0o777
        return os.stat_result((kind | found.get(path, 0o755), *real[1:])) if follow_symlinks else real

    monkeypatch.setattr(Path, "stat", stat)
    return found


OTHER = access.User("svc", os.getuid() + 1, 99, frozenset())


def test_a_link_is_followed_to_what_cannot_be_read(tmp_path: Path, modes: dict[Path, int]) -> None:
    """Beside the config all looks well: the file is in a home that the service may not enter, or is another one's."""
    home, etc = tmp_path / "home", tmp_path / "etc"
    (home / "keys").mkdir(parents=True)
    etc.mkdir()
    real, link = home / "keys" / "password", etc / "password"
    real.write_text("x")
    (etc / "keys").symlink_to("../home/keys")
    link.symlink_to(etc / "keys" / "password")
    assert access.shut_out([link], OTHER) == []
    modes[home] = 0o700
    whose = pwd.getpwuid(os.getuid()).pw_name
    (told,) = access.shut_out([link], OTHER)
    assert f"may not enter {home}, which is {whose}'s, and so not read {link} (a link to {real}): move that file beside" in told
    modes.update({home: 0o755, real: 0o600})
    (told,) = access.shut_out([link], OTHER)
    assert f"may not read {link} (a link to {real}), which is {whose}'s: say 'sudo chgrp 99 {real}' and 'sudo chmod 640 {real}'" in told
    (etc / "round").symlink_to("round")
    assert access.shut_out([etc / "round"], OTHER) == [], "that it leads nowhere is told where it is opened"


def test_what_the_service_writes_must_be_its_own(tmp_path: Path, modes: dict[Path, int]) -> None:
    """As docs/howto/google.md has it: the sign-in in the service's folder, 600."""
    token = tmp_path / "google-token.json"
    token.write_text("{}")
    modes[token] = 0o600
    (told,) = access.shut_out([token], OTHER, theirs=True)
    assert f"'sudo chown svc: {token}' and 'sudo chmod 600 {token}', for the service writes it" in told
    modes[token] = 0o644
    (told,) = access.shut_out([token], OTHER, "into /var/lib/followsync", theirs=True)
    assert f"may not write into {tmp_path}" in told
    assert "move that file into /var/lib/followsync" in told


def test_what_the_unit_hides_is_told_whatever_the_rights(tmp_path: Path, modes: dict[Path, int]) -> None:
    (tmp_path / "golf.ics").write_text("")
    (tmp_path / "link.ics").symlink_to("golf.ics")
    assert access.shut_out([tmp_path / "link.ics"], OTHER) == []
    (told,) = access.shut_out([tmp_path / "link.ics"], replace(OTHER, hidden={tmp_path: "ProtectHome=yes"}))
    assert f"does not see {tmp_path} (ProtectHome=yes in its unit), so not {tmp_path / 'link.ics'} (a link to" in told
    assert told.endswith("move that file beside the config.")


def test_where_a_service_may_not_write_is_told(tmp_path: Path, modes: dict[Path, int]) -> None:
    file = tmp_path / "out" / "follow-ups.ics"
    file.parent.mkdir()
    (told,) = access.kept_from_writing([file], OTHER)
    assert f"may not write into {file.parent}, which is " in told
    assert f"and so not write {file}: name another place in the config, such as /var/lib/followsync/follow-ups.ics." in told
    modes[file.parent] = 0o777
    assert access.kept_from_writing([file], OTHER) == []
    modes[tmp_path] = 0o700
    assert "may not enter" in access.kept_from_writing([file], OTHER)[0]
