"""Cards as phones and address books write them: read, put aside, and never a traceback."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followsync.core.prospect import Prospect
from followsync.errors import UsageError
from followsync.importer import Leads, aside_text, preview, read_leads


def card(*lines: str, version: str = "3.0", end: str = "\r\n") -> str:
    return end.join(("BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""))


def read(*cards: str, encoding: str = "utf-8") -> Leads:
    return read_leads("".join(cards).encode(encoding), "people.vcf")


def only(*lines: str, version: str = "3.0", encoding: str = "utf-8") -> dict[str, Any]:
    """What the one card says, without what is empty."""
    leads = read(card(*lines, version=version), encoding=encoding)
    assert leads.bad == ()
    [lead] = leads.rows
    return {name: value for name in Prospect.__slots__ if (value := getattr(lead.prospect, name))}


def test_a_person_of_a_business() -> None:
    said = only(
        "N:Ray;Jenny;M.;Ms;", "FN:Jenny Ray", "ORG:Acme\\, Inc.;Sales;West", "TITLE:Buyer", "TEL;TYPE=WORK,VOICE:248.867.5309",
        "EMAIL;TYPE=INTERNET:jenny@example.org", "ADR;TYPE=WORK:;;12 Main St\\nSuite 4;Detroit;MI;48201;USA", "URL:https://acme.example.com",
        "NOTE:liked the blue one\\nasked\\; twice", "CATEGORIES:hot,trade\\, fair,myContacts", "TZ:America/Chicago", "BDAY:19800412",
    )  # fmt: skip
    assert said == {
        "name": "Acme, Inc.", "person": "Jenny Ray", "role": "Buyer", "phone": "248.867.5309", "email": "jenny@example.org",
        "address": "12 Main St, Suite 4, Detroit, MI, 48201, USA", "url": "https://acme.example.com",
        "notes": "liked the blue one\nasked; twice", "tags": ("hot", "trade, fair"), "timezone": "America/Chicago",
        "fields": {"department": "Sales, West", "birthday": "1980-04-12"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "name", "person"),
    [
        (("FN:Jenny Ray",), "Jenny Ray", ""),
        (("N:Ray;Jenny;Maria;;",), "Jenny Maria Ray", ""),
        (("N:Ray", "FN:"), "Ray", ""),
        (("FN:Acme", "ORG:Acme", "X-ABShowAs:COMPANY"), "Acme", ""),
        (("ORG:Acme;",), "Acme", ""),
        (("N:;;;;", "FN:Bob", "ORG:;Sales"), "Bob", ""),
        (("fn:Bob", "org:Acme"), "Acme", "Bob"),
    ],
)
def test_who_it_is(lines: tuple[str, ...], name: str, person: str) -> None:
    said = only(*lines)
    assert (said["name"], said.get("person", "")) == (name, person)


@pytest.mark.parametrize(
    ("lines", "phone", "fields"),
    [
        (("TEL;HOME:1", "TEL;CELL:2", "TEL;WORK;FAX:3"), "2", {"home_phone": "1", "fax": "3"}),
        (("TEL;CELL:1", "TEL;WORK:2"), "2", {"mobile_phone": "1"}),
        (("TEL;WORK:1", "TEL;HOME;PREF:2"), "2", {"work_phone": "1"}),
        (("TEL;TYPE=cell:1", "TEL;TYPE=home;PREF=2:2", "TEL;PREF=1:3"), "3", {"home_phone": "2", "mobile_phone": "1"}),
        (("item1.TEL;type=pref:1", "item1.X-ABLabel:_$!<Work>!$_", "item2.TEL:2", "item3.TEL:3"), "1", {"phone_2": "2", "phone_3": "3"}),
        (("TEL;TYPE=CELL:1", "TEL;TYPE=CELL:2", "TEL;TYPE=CELL:3"), "1", {"mobile_phone": "2", "phone_2": "3"}),
        (('TEL;VALUE=uri;TYPE="voice,work":tel:+1-555-555-5555;ext=5',), "+1-555-555-5555 ext. 5", {}),
        (("TEL;TYPE=pager:1",), "", {}),
        (("TEL:", "TEL;HOME:  "), "", {}),
    ],
)
def test_which_number_is_called(lines: tuple[str, ...], phone: str, fields: dict[str, str]) -> None:
    said = only("FN:Bob", *lines)
    assert (said.get("phone", ""), said.get("fields", {})) == (phone, fields)


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12", "--04-12"),
        ("BDAY;VALUE=date;X-APPLE-OMIT-YEAR=1604:1604-02-29", "--02-29"),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1980-04-12", "1980-04-12"),
        ("BDAY:--0412", "--04-12"),
        ("BDAY:1980-04-12T00:00:00Z", "1980-04-12"),
    ],
)
def test_a_birthday_whose_year_nobody_knows(line: str, day: str) -> None:
    assert only("FN:Ann", line)["fields"] == {"birthday": day}


def test_further_addresses_keep_a_place() -> None:
    said = only(
        "FN:Bob", "EMAIL;TYPE=home:b@example.org", "EMAIL;TYPE=PREF:a@example.org", "EMAIL:mailto:c%20d@example.org", "URL:https://a.example.com",
        "URL:https://b.example.com", "ADR;HOME:;;1 A St;;;;", "ADR;WORK;PREF:;;2 B St;;;;", "NICKNAME:Bobby", "NOTE:one", "NOTE:two",
    )  # fmt: skip
    assert (said["email"], said["url"], said["address"], said["notes"]) == ("a@example.org", "https://a.example.com", "2 B St", "one\ntwo")
    assert said["fields"] == {
        "email_2": "b@example.org", "email_3": "c d@example.org", "address_2": "1 A St", "url_2": "https://b.example.com",
        "nickname": "Bobby",
    }  # fmt: skip
    assert only("FN:Bob", "LABEL;WORK:12 Main St\\nDetroit", version="2.1")["address"] == "12 Main St, Detroit"


# -- encodings and folds


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Zo=C3=AB M=C3=BCller",), "Zoë Müller"),
        (("FN;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Zo=EB=", " M=FCller"), "Zoë Müller"),
        (("FN;ENCODING=QUOTED-PRINTABLE:Zo=EB",), "Zoë"),  # no CHARSET, and no UTF-8
        (("FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=B1=B1=E7=", "=94=B0"), "山田"),  # cut in the middle of a letter
        (("FN;ENCODING=BASE64:Wm/DqyBNw7xsbGVy",), "Zoë Müller"),
        (("FN;ENCODING=b;CHARSET=UTF-8:Wm/DqyBN", " w7xsbGVy"), "Zoë Müller"),
        (("FN;CHARSET=KLINGON:Zoë",), "Zoë"),
        (("FN;CHARSET=ISO-8859-12;ENCODING=QUOTED-PRINTABLE:Zo=EB",), "Zoë"),
        (("FN;CHARSET=utf-7:+2AA-Zoe",), "+2AA-Zoe"),  # half a letter
        (("FN;CHARSET=ISO-2022-JP;ENCODING=QUOTED-PRINTABLE:=1B$B;3ED=1B(B",), "山田"),
        (("FN:Zoë M", " ü", "\tller"), "Zoë Müller"),
    ],
)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_values_however_they_are_encoded_and_folded(lines: tuple[str, ...], name: str, end: str) -> None:
    [lead] = read(card(*lines, "TEL;CELL:1", version="2.1", end=end)).rows
    assert (lead.prospect.name, lead.prospect.phone) == (name, "1")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac_roman"])
def test_files_in_any_encoding(encoding: str) -> None:
    leads = read(card("FN:Zoë Müller", "NOTE:très bien – 20 €"), card("FN:Bob"), encoding=encoding)
    assert [lead.prospect.name for lead in leads.rows] == ["Zoë Müller", "Bob"]
    assert leads.rows[0].prospect.notes == "très bien – 20 €"


def test_each_line_of_a_file_may_be_in_another_encoding() -> None:
    lines = ["FN;CHARSET=Shift_JIS:", "NOTE:", "ORG:"]
    values = ["山田太郎".encode("shift_jis"), "Zoë".encode(), "Café".encode("cp1252")]
    data = b"\r\n".join([b"BEGIN:VCARD", *(line.encode() + value for line, value in zip(lines, values, strict=True)), b"END:VCARD"])
    [lead] = read_leads(data, "x.vcf").rows
    assert (lead.prospect.person, lead.prospect.notes, lead.prospect.name) == ("山田太郎", "Zoë", "Café")


def test_pictures_are_passed_over_however_they_are_folded() -> None:
    picture = base64.b64encode(bytes(range(256)) * 3).decode()
    pieces = [picture[place : place + 70] for place in range(0, len(picture), 70)]
    photos = [
        (f"PHOTO;ENCODING=BASE64;JPEG:{pieces[0]}", *(f" {piece}" for piece in pieces[1:]), ""),
        ("PHOTO;BASE64;JPEG:", *pieces, ""),
        (f"PHOTO;ENCODING=b;TYPE=JPEG:{pieces[0]}", *(f" {piece}" for piece in pieces[1:])),
        (f"PHOTO:data:image/jpeg;base64,{picture}",),
        ("LOGO;VALUE=uri:https://example.com/logo.png",),
        ("PHOTO;ENCODING=BASE64:this is not, *base64*",),
    ]
    for photo in photos:
        assert only("FN:Bob", *photo, "TEL:1", version="2.1") == {"name": "Bob", "phone": "1"}


def test_several_people_a_group_and_an_assistant_in_one_file() -> None:
    leads = read(
        "\r\n\r\n",
        card("FN:Ann", "AGENT:", "BEGIN:VCARD", "FN:Sec", "TEL:9", "END:VCARD", "TEL:5", version="2.1"),
        "\r\n",
        card("FN:My list", "KIND:group", "MEMBER:urn:uuid:1", version="4.0"),
        card("FN:Friends", "X-ADDRESSBOOKSERVER-KIND:group"),
        card("FN:Bob").lower(),
    )
    assert [(lead.line, lead.prospect.name, lead.prospect.phone) for lead in leads.rows] == [(3, "Ann", "5"), (25, "bob", "")]
    assert leads.bad == ()


def test_lines_that_other_readers_stumble_over() -> None:
    assert only("FN:Bob", "X-APPLE;X-ADDRESS=foo", ' \\"bar\\" 55;X-TITLE=T:geo:40.5,22.9')["name"] == "Bob"
    assert only('FN;X-A="un:closed:Bob')["name"] == "closed:Bob"
    assert only("FN:Bob", "X-LOTUS_NAME:1", "TEL;A" + "," * 5000 + ":7")["phone"] == "7"
    assert only("FN:Bob", "NOTE:first", "and a second line", "", "a third", "TEL:1") == {
        "name": "Bob", "notes": "first\nand a second line\na third", "phone": "1",
    }  # fmt: skip


# -- what stands aside


def test_cards_that_cannot_be_read_stand_aside_with_their_line() -> None:
    leads = read(
        card("FN:Ann"),
        card("TEL:248.555.0100"),
        "BEGIN:VCARD\r\nFN:Cut off\r\n",
        card("FN:Bob", "this is no line"),
        card("FN;ENCODING=BASE64:####A"),
        "some words\r\n",
        card("FN:Kim"),
        "BEGIN:VCARD\r\nFN:End",
    )
    assert [lead.prospect.name for lead in leads.rows] == ["Ann", "Kim"]
    assert [(bad.problem.line, bad.problem.message) for bad in leads.bad] == [
        (5, "there is no name in this card"),
        (9, "this card does not end; END:VCARD is missing"),
        (14, 'this line of a card cannot be read: "this is no line"'),
        (18, "the value of FN is not BASE64 as it says"),
        (20, "this stands outside of any card"),
        (25, "this card does not end; END:VCARD is missing"),
    ]


def test_what_stands_aside_is_mended_and_imported_as_it_was() -> None:
    data = (
        (card("NOTE:x", "PHOTO;BASE64:AAAA") + card("FN:Ann") + card("TEL:1")).encode().replace(b"NOTE:x", b"NOTE;CHARSET=ISO-8859-1:\xe9")
    )
    leads = read_leads(data, "people.vcf")
    aside = aside_text(leads.bad, leads.headers)
    assert aside.splitlines()[1] == b"X-FOLLOWSYNC-PROBLEM:line 1: there is no name in this card"
    assert aside.replace(b"X-FOLLOWSYNC-PROBLEM:line 1: there is no name in this card\r\n", b"", 1).startswith(data[: data.index(b"END")])
    mended = read_leads(aside.replace(b"VERSION:3.0", b"VERSION:3.0\r\nFN:Joe", 1), "people.bad.vcf")
    assert [(lead.prospect.name, lead.prospect.notes, dict(lead.prospect.fields)) for lead in mended.rows] == [("Joe", "é", {})]
    assert aside_text(mended.bad, ()).count(b"X-FOLLOWSYNC-PROBLEM") == 1


# -- any bytes

NAMES = st.sampled_from(
    ["FN", "N", "ORG", "TEL", "EMAIL", "ADR", "NOTE", "PHOTO", "AGENT", "BDAY", "CATEGORIES", "item1.TEL", "X-é", "", "KIND"]
)
PARAMS = st.lists(
    st.one_of(
        st.sampled_from(
            ["QUOTED-PRINTABLE", "ENCODING=B", "BASE64", "CHARSET=utf-7", "CHARSET=cp1252", "CHARSET=idna", "PREF=1", 'TYPE="a,b"']
        ),
        st.text(max_size=5),
    ),
    max_size=3,
)
LETTERS = st.one_of(st.sampled_from('\\;,:="\r\n\t \0nN'), st.characters(exclude_categories=["Cs"]))
LINES = st.one_of(
    st.builds(lambda name, params, value: ";".join([name, *params]) + ":" + value, NAMES, PARAMS, st.text(LETTERS, max_size=30)),
    st.sampled_from(["BEGIN:VCARD", "END:VCARD", "VERSION:2.1", " folded", "=", "=E9=", "AAAA", ""]),
    st.text(LETTERS, max_size=30),
)
FILES = st.builds(
    lambda lines, end, encoding: end.join(["BEGIN:VCARD", *lines]).encode(encoding, "replace"),
    st.lists(LINES, max_size=12),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.sampled_from(["utf-8", "utf-16", "cp1252", "shift_jis"]),
)


class Nobody:
    """A store without prospects."""

    def prospects(self, rep: str | None = None) -> list[Prospect]:
        return []


@settings(max_examples=400, deadline=None)
@given(st.one_of(FILES, st.binary(max_size=200).map(lambda data: b"BEGIN:VCARD\r\nFN:Joe\r\nNOTE;QUOTED-PRINTABLE:" + data)))
def test_any_bytes_are_read_or_answered_with_a_sentence(data: bytes) -> None:
    try:
        leads = read_leads(data, "x.vcf")
    except UsageError:
        return
    assert leads.headers == ()
    shown = preview(Nobody(), leads, rep="dana", region="US")
    for one in shown.create:
        assert one.name.strip()
        f"{one}".encode()  # what is half a letter cannot be stored
        assert "\0" not in f"{one.name}{one.notes}{one.address}"
    f"{[bad.problem for bad in shown.bad]}".encode()
    again = (
        read_leads(aside_text(shown.bad, leads.headers), "x.bad.vcf")
        if shown.bad and shown.bad[0].raw[0].lower().startswith("begin")
        else None
    )
    assert again is None or again.rows == ()
