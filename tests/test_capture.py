"""Lines as reps type them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followsync.capture import Capture, Next, parse_line, parse_next, parse_title, prospect_id, reads_as_capture
from followsync.core.cadence import Duration, Method, Reason, Rules, Unit, Window
from followsync.core.workdays import RepRules, Workdays
from followsync.errors import UsageError
from followsync.phone import find_phone, tel

DATA = Path(__file__).parent / "data"
DETROIT = ZoneInfo("America/Detroit")
NOW = datetime(2026, 1, 6, 10, 15, tzinfo=DETROIT)  # a Tuesday
NINE_TO_FIVE = Window(time(9), time(17))
REP = RepRules("dana", Workdays(DETROIT, {day: (NINE_TO_FIVE,) for day in range(5)}))
VERBS = {
    "call": "Call", "visit": "Visit", "email": "Email", "video": "Video call with", "meeting": "Meet", "letter": "Write letter to",
    "gift": "Send gift to", "newsletter": "Send newsletter to", "candy-gram": "Send candy-gram to",
}  # fmt: skip
RULES = Rules(
    {name: Method(name, verb, 15) for name, verb in VERBS.items()},
    reasons={
        name: Reason(name, name, Duration(30, Unit.DAYS), "visit", "renew")
        for name in ("contract_end", "budget", "new_manager", "new_store")
    },
)


def line(text: str) -> Capture:
    return parse_line(text, now=NOW, rep=REP, rules=RULES)


def agreed(text: str) -> Next:
    return parse_next(text, now=NOW, rep=REP, rules=RULES)


def stated(capture: Capture | Next) -> dict[str, object]:
    values = {name: getattr(capture, name) for name in capture.__slots__ if name not in {"text", "missing"}}
    if capture.when:
        values["when"] = capture.when.text
    return {name: value for name, value in values.items() if value}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Call Jenny to determine next steps – 248.867.5309",
            {"name": "Jenny", "phone": "248.867.5309", "method": "call", "purpose": "determine next steps"},
        ),
        (
            "Visit Joe's Diner 248.555.0100 Thursday afternoon to meet the owner",
            {
                "name": "Joe's Diner", "phone": "248.555.0100", "method": "visit", "purpose": "meet the owner",
                "when": "Thu 2026-01-08, 13:00-17:00",
            },
        ),
        ("Joe's Diner", {"name": "Joe's Diner"}),
        (
            "Joe's Diner visit in 2 months because contract",
            {"name": "Joe's Diner", "method": "visit", "when": "Fri 2026-03-06", "reason": "contract_end"},
        ),
        (
            "Call Jenny at Acme Windows Friday 10am to go over the quote",
            {"name": "Acme Windows", "person": "Jenny", "method": "call", "purpose": "go over the quote", "when": "Fri 2026-01-09, 10:00"},
        ),
        ("Call Jenny Thursday at Acme", {"name": "Acme", "person": "Jenny", "method": "call", "when": "Thu 2026-01-08"}),
        ("follow up with Sarah sometime", {"name": "Sarah", "note": "sometime"}),
        ("follow up with Sarah by phone Friday", {"name": "Sarah", "method": "call", "when": "Fri 2026-01-09"}),
        (
            "Joe's Diner, owner not here, come back Thursday afternoon",
            {"name": "Joe's Diner", "method": "visit", "when": "Thu 2026-01-08, 13:00-17:00", "note": "owner not here"},
        ),
        ("Joe's Diner none", {"name": "Joe's Diner", "closes": True}),
        ("Joe's Diner – not interested", {"name": "Joe's Diner", "closes": True, "note": "not interested"}),
        (
            "coffee at 9 on Thursday with Bob",
            {"name": "Bob", "method": "meeting", "when": "Thu 2026-01-08, 09:00", "note": "coffee"},
        ),
        ("Coffee Jenny Friday 3pm", {"name": "Jenny", "method": "meeting", "when": "Fri 2026-01-09, 15:00", "note": "Coffee"}),
        ("Coffee Corner 248-867-5309", {"name": "Coffee Corner", "phone": "248-867-5309"}),
        ("Call Center Solutions 248 867 5309", {"name": "Call Center Solutions", "phone": "248 867 5309"}),
        ("Joe's Gift Shop", {"name": "Joe's Gift Shop"}),
        ("Visit Friday Harbor Inn", {"name": "Friday Harbor Inn", "method": "visit"}),
        ("candy-gram Joe tomorrow", {"name": "Joe", "method": "candy-gram", "when": "Wed 2026-01-07"}),
        ("send candy-gram to Joe tomorrow", {"name": "Joe", "method": "candy-gram", "when": "Wed 2026-01-07"}),
        (
            "Write letter to Jenny Friday to say thanks",
            {"name": "Jenny", "method": "letter", "purpose": "say thanks", "when": "Fri 2026-01-09"},
        ),
        (
            "thursday 2pm call jenny to send the quote",
            {"name": "jenny", "method": "call", "purpose": "send the quote", "when": "Thu 2026-01-08, 14:00"},
        ),
        (
            "call Jenny to send the quote tomorrow at 9",
            {"name": "Jenny", "method": "call", "purpose": "send the quote", "when": "Wed 2026-01-07, 09:00"},
        ),
        ("call Jenny to confirm the demo Friday", {"name": "Jenny", "method": "call", "purpose": "confirm the demo Friday"}),
        ("Call Jenny about the May invoice", {"name": "Jenny", "method": "call", "purpose": "talk about the May invoice"}),
        (
            "Call Jenny Thursday or Friday to send quote",
            {"name": "Jenny", "method": "call", "purpose": "send quote", "note": "Thursday or Friday"},
        ),
        (
            "Acme, Inc call Monday 9am because their budget opens in March",
            {
                "name": "Acme, Inc", "method": "call", "when": "Mon 2026-01-12, 09:00", "reason": "budget",
                "note": "because their budget opens in March",
            },
        ),
        ("Joe's Diner because something new", {"name": "Joe's Diner", "note": "because something new"}),
        (
            "stop by Joe's Diner Thursday, owner Joe Miller",
            {"name": "Joe's Diner", "person": "Joe Miller", "method": "visit", "when": "Thu 2026-01-08", "note": "owner Joe Miller"},
        ),
        (
            "Joe's Diner, jim@example.org, 248-867-5309 ext 5, wants 20 windows",
            {"name": "Joe's Diner", "email": "jim@example.org", "phone": "248-867-5309 ext 5", "note": "wants 20 windows"},
        ),
        ("Bank of America call Monday", {"name": "Bank of America", "method": "call", "when": "Mon 2026-01-12"}),
        ("text Jenny Friday", {"name": "Jenny", "method": "text", "when": "Fri 2026-01-09"}),
        (
            "Send quote to Vale Brothers Thursday 2pm",
            {"name": "Vale Brothers", "method": "email", "purpose": "send quote", "when": "Thu 2026-01-08, 14:00"},
        ),
        (
            "Send quote to Vale Brothers by the 28th",
            {"name": "Vale Brothers", "method": "email", "purpose": "send quote", "when": "Wed 2026-01-28"},
        ),
    ],
)  # fmt: skip
def test_lines(text: str, expected: dict[str, object]) -> None:
    assert stated(line(text)) == expected
    assert line(text).text == text


MICHIGAN = holidays.country_holidays("US", subdiv="MI")
DANA = RepRules(
    "dana",
    Workdays(DETROIT, {day: (NINE_TO_FIVE,) for day in range(5)}, MICHIGAN.get),
    day_parts={"morning": Window(time(9), time(12)), "afternoon": Window(time(13), time(17))},
)
FIELDS = ("name", "person", "phone", "email", "method", "purpose", "reason", "closes")


def development_list(name: str) -> list[tuple[str, dict[str, str]]]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    rows = [line.rsplit(" => ", 1) for line in lines if line and not line.startswith("#")]
    return [(text, dict(part.split(": ", 1) for part in said.split(" | ")) if said != "-" else {}) for text, said in rows]


def read(text: str) -> dict[str, str]:
    try:
        capture = parse_line(text, now=NOW, rep=DANA, rules=RULES)
    except UsageError:
        return {}
    said = {name: str(getattr(capture, name)) for name in FIELDS if getattr(capture, name)}
    return said | ({"when": capture.when.text} if capture.when else {})


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("captures.txt", 330),
        ("captures_reps.txt", 100),
        ("captures_fresh.txt", 40),
        ("captures_kinds.txt", 170),
        ("captures_second.txt", 110),
        ("captures_trades.txt", 260),
    ],
)
def test_lines_as_reps_type_them(name: str, least: int) -> None:
    """A wrong day or method is worse than a question: of those there is none."""
    rows = development_list(name)
    wrong = [text for text, expected in rows if read(text) != expected]
    confident = [
        text for text, expected in rows for key in ("when", "method") if (said := read(text).get(key)) and said != expected.get(key)
    ]
    assert len(rows) >= least
    assert confident == []
    assert len(wrong) <= len(rows) * 0.05, wrong


@pytest.mark.parametrize(
    "text",
    [
        "Met Yusuf 12/15, call him about the lease",
        "Visited Ace Pawn 12/10 and 12/22, owner never there",
        "Spoke to Nina on 12/10, sent the brochure on 12/12, nothing since",
        "Last visit to Harper Foods was 11/3, owner is Clint",
        "Their contract started 2/1 last year, call Dave",
        "Mrs. Park wants an estimate next week, call to schedule",
        "Inventory at Boone Hardware next week, visit the week after",
        "Contract ends 6/30 at Delta Lanes, call before then",
        "Call Tia Friday before her 3pm flight",
        "Call Ellen at 2 or 3 on Thursday",
    ],
)
def test_a_day_that_was_or_is_not_ours_is_no_day(text: str) -> None:
    assert line(text).when is None


@pytest.mark.parametrize(
    "text", ["Westside Liquor told me never come back", "Text Willa after Thursday's meeting", "Ann's Bakery, don't visit"]
)
def test_what_is_not_to_be_done_is_no_method(text: str) -> None:
    assert line(text).method in ("", "text")


@pytest.mark.parametrize("text", ["Jonah said stop calling", "Acme asked not to be called", "Delta Pools said take us off your list"])
def test_who_does_not_want_to_be_called_is_closed(text: str) -> None:
    assert line(text).closes
    assert not line(f"{text}, call in March").closes


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Joe's Diner", ("method", "day")),
        ("Call Jenny", ("day",)),
        ("Jenny Friday", ("method",)),
        ("Call Jenny Friday", ()),
        ("Call Jenny 2pm", ("day",)),
        ("Joe's Diner none", ()),
    ],
)
def test_what_is_missing_is_named(text: str, missing: tuple[str, ...]) -> None:
    assert line(text).missing == missing


@pytest.mark.parametrize("text", ["", "   ", "!!!", "– –", "\x1f", "none", "call tomorrow", "Friday 2pm"])
def test_a_line_without_a_name_says_what_to_type(text: str) -> None:
    with pytest.raises(UsageError, match="name"):
        line(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call back same time next week", {"method": "call", "note": "same time next week"}),
        ("midnight friday call", {"method": "call", "note": "midnight friday"}),
        ("2/29 10am", {"note": "2/29 10am"}),
        ("demo wed 3pm", {"purpose": "demo", "when": "Wed 2026-01-07, 15:00"}),
        (
            "Wed, Feb. 18th @ 3:15pm ET — coffee w/ Bob & Al",
            {"method": "meeting", "when": "Wed 2026-02-18, 15:15", "note": "coffee; Bob & Al"},
        ),
        ("thu pm send quote", {"method": "email", "purpose": "send quote", "when": "Thu 2026-01-08, 13:00-17:00"}),
        ("call Thursday 2pm to send the quote", {"method": "call", "purpose": "send the quote", "when": "Thu 2026-01-08, 14:00"}),
        (
            "coffee Friday 3pm to review the quote",
            {"method": "meeting", "purpose": "review the quote", "when": "Fri 2026-01-09, 15:00", "note": "coffee"},
        ),
        ("email the quote friday", {"method": "email", "purpose": "send the quote", "when": "Fri 2026-01-09"}),
        ("fri email quote", {"method": "email", "purpose": "send quote", "when": "Fri 2026-01-09"}),
        ("fri email her the revised numbers", {"method": "email", "purpose": "send the revised numbers", "when": "Fri 2026-01-09"}),
        ("email Bob the contract fri", {"method": "email", "purpose": "send the contract", "when": "Fri 2026-01-09", "note": "Bob"}),
        ("email to Bob fri", {"method": "email", "when": "Fri 2026-01-09", "note": "Bob"}),
        ("letter fri thanks", {"method": "letter", "purpose": "say thanks", "when": "Fri 2026-01-09"}),
        ("quote fri", {"purpose": "talk about quote", "when": "Fri 2026-01-09"}),
        ("follow up on the roof fri", {"purpose": "talk about the roof", "when": "Fri 2026-01-09"}),
        ("mail the contract fri", {"purpose": "mail the contract", "when": "Fri 2026-01-09", "note": "mail"}),
        ("mon 9am call to", {"method": "call", "when": "Mon 2026-01-12, 09:00"}),
        ("mon 9am call Bob to", {"method": "call", "when": "Mon 2026-01-12, 09:00", "note": "Bob"}),
        ("mon 9am call about", {"method": "call", "when": "Mon 2026-01-12, 09:00"}),
        ("mon 9am visit to", {"method": "visit", "when": "Mon 2026-01-12, 09:00"}),
        ("call the office fri", {"method": "call", "when": "Fri 2026-01-09", "note": "the office"}),
        ("call fri 2pm pricing", {"method": "call", "purpose": "talk about pricing", "when": "Fri 2026-01-09, 14:00"}),
        ("fri call go over terms", {"method": "call", "purpose": "go over terms", "when": "Fri 2026-01-09"}),
        ("fri call Acme", {"method": "call", "when": "Fri 2026-01-09", "note": "Acme"}),
        ("visit the site fri", {"method": "visit", "purpose": "see the site", "when": "Fri 2026-01-09"}),
        ("visit Acme fri", {"method": "visit", "when": "Fri 2026-01-09", "note": "Acme"}),
        ("stop by fri w/ samples", {"method": "visit", "purpose": "bring samples", "when": "Fri 2026-01-09"}),
        ("meet the owner fri", {"method": "meeting", "purpose": "meet the owner", "when": "Fri 2026-01-09"}),
        ("lunch at Joe's fri noon", {"method": "meeting", "when": "Fri 2026-01-09, 12:00", "note": "lunch; at Joe's"}),
        ("call her back Thursday", {"method": "call", "when": "Thu 2026-01-08"}),
        ("visit next week agenda: price, terms", {"method": "visit", "when": "Mon 2026-01-12", "agenda": ("price", "terms")}),
        ("try again tmrw am", {"when": "Wed 2026-01-07, 09:00-12:00", "note": "try again"}),
        ("try friday", {"when": "Fri 2026-01-09"}),
        ("call back in March", {"method": "call", "when": "Mon 2026-03-02"}),
        ("wants me to call friday", {"method": "call", "when": "Fri 2026-01-09"}),
        ("see you Friday", {"when": "Fri 2026-01-09"}),
        ("coffee w/ Bob fri 9am", {"method": "meeting", "when": "Fri 2026-01-09, 09:00", "note": "coffee; Bob"}),
        ("email quote to Bob fri", {"method": "email", "when": "Fri 2026-01-09", "purpose": "send quote", "note": "Bob"}),
        ("call or visit friday", {"when": "Fri 2026-01-09", "note": "call or visit"}),
        ("call fri 2pm ET", {"method": "call", "when": "Fri 2026-01-09, 14:00"}),
        ("call fri 2pm PT", {"method": "call", "note": "fri 2pm PT"}),
        ("sometime", {"note": "sometime"}),
        ("", {}),
    ],
)
def test_agreements(text: str, expected: dict[str, object]) -> None:
    if text:
        assert stated(agreed(text)) == expected
    else:
        with pytest.raises(UsageError):
            agreed(text)


KNOWN = frozenset({"jenny", "acme", "joe's diner", "248.867.5309", "bob lee"})


def known(name: str) -> bool:
    return name.casefold().replace("’", "'") in KNOWN


FOLLOW_UPS = (DATA / "titles_follow_up.txt").read_text(encoding="utf-8").splitlines()
FOREIGN = (DATA / "titles_foreign.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("title", [line.split(" => ")[0] for line in FOLLOW_UPS if not line.startswith("#")])
def test_titles_that_are_follow_ups(title: str) -> None:
    assert reads_as_capture(title, RULES, known)


@pytest.mark.parametrize("title", FOREIGN)
def test_titles_that_are_the_reps_own_business(title: str) -> None:
    assert not reads_as_capture(title, RULES, known)


@pytest.mark.parametrize(
    "title", ["Call Jenny", "call jenny", "Lunch with Bob Lee", "Call Acme back", "Letter to Jenny", "Email acme tomorrow"]
)
def test_without_a_purpose_only_whom_we_know_makes_a_follow_up(title: str) -> None:
    assert reads_as_capture(title.removesuffix(" tomorrow"), RULES, known)
    assert not reads_as_capture(title, RULES)


def test_a_method_is_a_verb_only_where_it_is_configured() -> None:
    title = "Send candy-gram to Joe to say thanks"
    assert reads_as_capture(title, RULES)
    assert not reads_as_capture(title, Rules({}))


@pytest.mark.parametrize(("title", "expected"), [tuple(line.split(" => ")) for line in FOLLOW_UPS[1:] if " => " in line])
def test_titles_are_taken_apart(title: str, expected: str) -> None:
    capture = parse_title(title, rules=RULES, rep=DANA, now=NOW)
    said = {name: str(getattr(capture, name)) for name in (*FIELDS, "note") if getattr(capture, name)}
    assert said == dict(part.split(": ", 1) for part in expected.split(" | "))
    assert (capture.when, capture.missing, capture.text) == (None, (), title)


def test_a_title_that_names_nobody_says_so() -> None:
    with pytest.raises(UsageError, match="names nobody"):
        parse_title("Call – 248.867.5309", rules=RULES, rep=DANA, now=NOW)


@pytest.mark.parametrize(
    ("name", "taken", "expected"),
    [
        ("Joe's Diner", (), "joes-diner"),
        ("Joe’s Diner", {"joes-diner"}, "joes-diner-2"),
        ("Joe's Diner", {"joes-diner", "joes-diner-2"}, "joes-diner-3"),
        ("Müller & Straße", (), "muller-strasse"),
        ("日本", (), "prospect"),
        ("x" * 90, (), "x" * 48),
    ],
)
def test_ids_can_be_read(name: str, taken: set[str], expected: str) -> None:
    assert prospect_id(name, taken) == expected


@pytest.mark.parametrize(
    ("phone", "region", "expected"),
    [
        ("248.867.5309", "US", "+12488675309"),
        ("(248) 867-5309 ext. 5", "US", "+12488675309;ext=5"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+44 20 7946 0958", "US", "+442079460958"),
        ("867-5309", "US", ""),
        ("06 12 34 56 78", "US", ""),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("call me", "US", ""),
        ("", "US", ""),
    ],
)
def test_numbers_that_can_be_dialled(phone: str, region: str, expected: str) -> None:
    assert tel(phone, region) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Jenny 867-5309 Friday", "867-5309"), ("on 2027-01-12 15:00", ""), ("a 1/8/2026 b", ""), ("Jenny (248) 867 5309", "(248) 867 5309")],
)
def test_numbers_in_a_line(text: str, expected: str) -> None:
    span = find_phone(text, "US")
    assert (text[slice(*span)] if span else "") == expected


@pytest.mark.parametrize(
    ("phone", "region"),
    [
        *((phone, "US") for phone in ("0171 234 5678", "020 7946 0958", "07700 900123", "01632 960 001", "(02) 9876 5432", "0412 345 678")),
        *(
            (phone, "US")
            for phone in ("030 1234567", "089/123456-78", "0171-2345678", "(0)171 2345678", "06 12 34 56 78", "01.42.68.53.00")
        ),
        *((phone, "US") for phone in ("0044 20 7946 0958", "00 49 30 123456", "+1 555 0199 123", "02 9876 5432 ext 12", "0800 123 4567")),
        *((phone, "GB") for phone in ("0171 234 5678", "(0171) 234 5678", "0171/2345678", "07700 900123", "01632 960 001")),
    ],
)
@pytest.mark.parametrize("form", ["Call Flo {} Thursday 2pm to sign", "Thursday 2pm Flo {} call", "Call Flo Thursday 2pm {}"])
def test_a_number_is_kept_whole_whatever_plan_it_is_of(form: str, phone: str, region: str) -> None:
    """Half of one is another person's."""
    read = parse_line(form.format(phone), now=NOW, rep=replace(REP, region=region), rules=RULES)
    assert (read.name, read.phone, read.note) == ("Flo", phone, "")
    assert read.when
    assert read.when.text == "Thu 2026-01-08, 14:00"


@pytest.mark.parametrize(
    "text",
    [
        "Ben 01/15/2026 2pm", "Ben 01-15-2026", "Ben 05.01.2026 14:00", "Ben 08 01 2026 10 30", "Ben jan 09 2026 0900", "Ben 0900 1030",
        "Ben order 001 234 567 89", "Ben PO 0012-3456-78", "Ben invoice #00 1234 5678", "Ben from 09 00 to 10 30", "Ben 01/15 0930 1000",
    ],
)  # fmt: skip
def test_dates_hours_and_orders_are_no_numbers(text: str) -> None:
    assert find_phone(text, "US") is None


def test_two_reasons_that_fit_equally_are_none() -> None:
    assert line("Joe's Diner because new").reason == ""
    assert line("Joe's Diner because new store opens").reason == "new_store"


WORDS = st.sampled_from(
    ["Call", "visit", "to", "at", "Friday", "2pm", "because", "none", "coffee", "with", "–", ",", "in", "a", "week", "by", "agenda", "re:"]
)
UNKNOWN = st.from_regex(r"q[bcdgjkvwxz]{3,6}", fullmatch=True)  # words that mean nothing: they must come out somewhere
LINES = st.lists(st.one_of(WORDS, UNKNOWN), min_size=1, max_size=10).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(LINES)
def test_nothing_typed_is_lost(text: str) -> None:
    try:
        read = line(text)
        step = agreed(text)
    except UsageError:
        return
    kept = " ".join((read.name, read.person, read.purpose, read.note))
    kept_next = " ".join((step.purpose, step.note, *step.agenda))
    for word in text.split():
        if word.startswith("q"):
            assert word in kept
            assert word in kept_next


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_read_or_answered_with_a_sentence(text: str) -> None:
    try:
        read = line(text)
    except UsageError:
        return
    assert read == line(text)
    assert read.name
    assert isinstance(reads_as_capture(text, RULES), bool)
    parse_title(text, rules=RULES, rep=REP, now=NOW)
    agreed(text)


@pytest.mark.parametrize("purpose", ["agree on the price", "approve the quote", "inspect the roof", "discuss terms"])
def test_what_is_to_be_done_is_the_purpose_and_not_the_way(purpose: str) -> None:
    said = parse_next(f"thu 2pm call to {purpose}", now=NOW, rep=REP, rules=RULES)
    assert (said.method, said.purpose) == ("call", purpose)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("CALL JENNY ABOUT THE QUOTE", {"name": "JENNY", "method": "call", "purpose": "talk about the quote"}),
        (
            "VISIT KIM TO SIGN THE CONTRACT – 248.867.5310",
            {"name": "KIM", "method": "visit", "purpose": "SIGN THE CONTRACT", "phone": "248.867.5310"},
        ),
        (
            "CALL KIM ABOUT THE QUOTE - 248.867.5310",
            {"name": "KIM", "method": "call", "purpose": "talk about the quote", "phone": "248.867.5310"},
        ),
        (
            "CALL KIM TO TALK – 248.867.5310 FRIDAY 3PM",
            {"name": "KIM", "method": "call", "purpose": "TALK", "phone": "248.867.5310", "note": "FRIDAY 3PM"},
        ),
        (
            "Call Kim to talk – 248.867.5310 Friday 3pm",
            {"name": "Kim", "method": "call", "purpose": "talk", "phone": "248.867.5310", "note": "Friday 3pm"},
        ),
        (
            "Call Kim about the roof – 248.867.5310 Fri 3pm at Acme",
            {"name": "Kim", "method": "call", "purpose": "talk about the roof", "phone": "248.867.5310", "note": "Fri 3pm at Acme"},
        ),
        ("Call Jenny about the Friday delivery", {"name": "Jenny", "method": "call", "purpose": "talk about the Friday delivery"}),
    ],
)
def test_titles_in_capitals_and_with_a_day_behind_the_number(title: str, expected: dict[str, object]) -> None:
    assert reads_as_capture(title, RULES, known)
    assert stated(parse_title(title, rules=RULES, rep=REP, now=NOW)) == expected


@pytest.mark.parametrize(
    "title", ["Call Kim To determine Next Steps", "Call Kim To Determine Next Steps", "Call Kim to determine Next Steps"]
)
def test_titles_in_which_some_words_have_capitals(title: str) -> None:
    assert reads_as_capture(title, RULES)
    assert stated(parse_title(title, rules=RULES, rep=REP, now=NOW)) == {
        "name": "Kim", "method": "call", "purpose": "determine Next Steps"
    }  # fmt: skip
    assert line(f"{title} Friday").purpose == "determine Next Steps"


@pytest.mark.parametrize("title", ["Visit Made To Order Cakes", "Visit Ready To Move LLC", "Visit Joe To Go"])
def test_a_name_with_to_in_it_has_no_purpose(title: str) -> None:
    assert not reads_as_capture(title, RULES)
    assert parse_title(title, rules=RULES, rep=REP, now=NOW).purpose == ""


@pytest.mark.parametrize(
    "title", ["CALL KIM TO SIGN THE CONTRACT", "CALL MOM TO SAY HELLO – 248.867.5310", "GOLF LEAGUE", "CALL CENTER TRAINING"]
)
def test_titles_in_capitals_that_are_the_reps_own_business(title: str) -> None:
    assert not reads_as_capture(title, RULES, known)


DAYS = st.sampled_from(["Friday", "fri", "Friday 3pm", "3pm", "tomorrow", "THU 2PM", "1/15", "next week", "Monday morning", "January 15"])


@given(
    DAYS,
    st.sampled_from(["to talk", "about the quote", ""]),
    st.sampled_from([" – 248.867.5310 ", " 248.867.5310, ", " – 248.867.5310 – "]),
    st.booleans(),
)
def test_no_name_is_made_of_a_day(day: str, purpose: str, phone: str, shouted: bool) -> None:
    title = f"Call Kim {purpose}".strip() + phone + day
    said = parse_title(title.upper() if shouted else title, rules=RULES, rep=REP, now=NOW)
    assert (said.name.casefold(), said.person) == ("kim", "")
    assert day.casefold() in said.note.casefold()
