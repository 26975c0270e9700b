"""Tables in and out, against the real store."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followsync.core.history import Captured, Edited
from followsync.core.prospect import Prospect, Stakeholder
from followsync.errors import UsageError
from followsync.importer import HEADERS, Leads, Preview, apply, aside_text, export_csv, guarded, preview, read_leads, unguarded
from followsync.importer.text import encoding_of
from followsync.store import Store, open_store
from tests import stores

NOW = datetime(2026, 1, 6, 15, 15, tzinfo=UTC)
DATA = Path(__file__).parent / "data"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(stores.url(tmp_path / "store.db"))
    yield opened
    opened.close()


def table(*lines: str) -> Leads:
    return read_leads("\n".join(lines).encode(), "leads.csv")


def bring(store: Store, leads: Leads, rep: str = "dana", now: datetime = NOW) -> Preview:
    with store.writing() as tx:
        shown = preview(tx, leads, rep=rep, region="US")
        apply(tx, shown, now=now)
    return shown


def everybody(store: Store) -> list[Prospect]:
    with store.reading() as tx:
        return tx.prospects()


def test_our_own_table() -> None:
    leads = read_leads((DATA / "export_ours.csv").read_bytes(), "export_ours.csv")
    assert leads.bad == ()
    joe, acme = (lead.prospect for lead in leads.rows)
    assert joe == Prospect(
        id="joes-diner", rep="dana", name="Joe's Diner", person="Joe Miller", role="owner", phone="248.555.0100", email="joe@example.org",
        address="12 Main St, Detroit", method="visit", source="walk-in", stage="pitched", reason="contract_end", tags=("hot", "food"),
        notes="liked the blue one\nasked twice",
        stakeholders=(Stakeholder("Bob Lee", "CFO", False, "bob@example.org"), Stakeholder("Ann Ray")),
        fields={"met": "2026-01-05", "contract_end": "2026-05-31", "windows": "20"},
    )  # fmt: skip
    assert (acme.name, acme.person, acme.fields) == ("Acme Windows", "Jenny", {"met": "2026-01-05"})
    assert [lead.line for lead in leads.rows] == [2, 4]


def test_capsule_with_semicolons_and_an_old_code_page() -> None:
    leads = read_leads((DATA / "export_capsule_cp1252.csv").read_bytes(), "capsule.csv", "DE")
    zoe, bob = (lead.prospect for lead in leads.rows)
    assert (zoe.name, zoe.person, zoe.role, zoe.phone) == ("Café Blüte", "Zoë Müller", "Chefin", "+49 89 12345678")
    assert zoe.address == "Hauptstraße 1, München, 80331, Germany"
    assert (zoe.tags, zoe.notes) == (("warm", "food"), "sagt „später“")
    assert (bob.name, bob.person, bob.email) == ("Bob Lee", "", "bob@example.org")


def test_capsule_s_export_of_businesses_and_people(store: Store) -> None:
    leads = read_leads((DATA / "export_capsule.csv").read_bytes(), "capsule.csv", "US")
    assert leads.bad == ()
    shown = bring(store, leads)
    assert [one.id for one in shown.create] == ["acme-windows", "bob-lee"]
    acme, bob = everybody(store)
    assert (acme.name, acme.person, acme.role, acme.phone) == ("Acme Windows", "Jenny Ray", "Buyer", "248.867.5309")
    assert (acme.email, acme.tags) == ("jenny@example.com", ("trade", "windows", "hot"))
    assert acme.address == "1 Plant Rd Gate 4, Detroit, MI, 48201, United States"
    assert acme.fields == {
        "contract_end": "2026-05-31", "title": "Ms", "capsule_id": "1002",
        "phone_2": "248.555.0199", "email_2": "office@example.com",
    }  # fmt: skip
    assert (bob.name, bob.person, bob.address) == ("Bob Lee", "", "London, SW1A 1AA, United Kingdom")
    again = bring(store, leads)
    assert (again.create, again.update, again.same) == ((), (), 3)
    switchboard = table("ID,Type,Name,Organization,Phone Number", "1001,Organization,Acme Windows,,248.555.0177")
    assert [dict(changes) for _, changes in bring(store, switchboard).update] == [{"phone_3": ("", "248.555.0177")}]
    moved = table(
        "ID,Type,Name,Organization,Phone Number", "1001,Organization,Acme Windows,,", "1002,Person,Jenny Ray,Acme Windows,248.555.0155"
    )
    assert [dict(changes) for _, changes in bring(store, moved).update] == [{"phone": ("248.867.5309", "248.555.0155")}]


def test_hubspot_s_export_of_contacts(store: Store) -> None:
    leads = read_leads((DATA / "export_hubspot.csv").read_bytes(), "hubspot.csv", "US")
    assert [(bad.problem.line, bad.problem.message) for bad in leads.bad] == [(3, "there is no name in this row")]
    jenny, bob = (lead.prospect for lead in leads.rows)
    assert (jenny.name, jenny.person, jenny.role, jenny.stage, jenny.source) == (
        "Acme Windows",
        "Jenny Ray",
        "Buyer",
        "NEW",
        "Offline Sources",
    )
    assert jenny.address == "Detroit, MI"
    assert jenny.fields == {
        "record_id": "501", "contact_owner": "Dana Reyes", "last_activity_date": "2026-01-02", "create_date": "2025-12-01",
    }  # fmt: skip
    assert (bob.name, bob.phone) == ("Bob Lee", "+1 248 555 0110")
    assert len(bring(store, leads).create) == 2
    assert bring(store, leads).same == 2


def test_google_s_contacts_with_several_values_in_a_cell(store: Store) -> None:
    leads = read_leads((DATA / "export_google.csv").read_bytes(), "contacts.csv", "US")
    jenny, bob = (lead.prospect for lead in leads.rows)
    assert (jenny.name, jenny.person, jenny.role, jenny.tags) == ("Acme Windows", "Jenny M. Ray", "Buyer", ("hot", "trade"))
    assert (jenny.email, jenny.phone, jenny.address) == ("jenny@example.com", "248.867.5309", "1 Plant Rd, Detroit 48201")
    assert jenny.fields == {
        "birthday": "1980-04-12", "other_email": "ray@example.com", "email_2": "jenny@example.org", "phone_2": "248.555.0199",
    }  # fmt: skip
    assert (bob.name, bob.person, bob.tags, bob.fields) == ("Bob Lee", "", (), {})
    assert len(bring(store, leads).create) == 2
    assert bring(store, leads).same == 2


def test_outlook_s_contacts() -> None:
    [lead] = read_leads((DATA / "export_outlook_cp1252.csv").read_bytes(), "contacts.csv", "DE").rows
    zoe = lead.prospect
    assert (zoe.name, zoe.person, zoe.role, zoe.phone) == ("Café Blüte", "Zoë Müller", "Chefin", "+49 89 12345678")
    assert (zoe.address, zoe.tags, zoe.notes) == ("Hauptstraße 1, München, 80331, Germany", ("food", "warm"), "sagt „später“")
    assert zoe.fields == {"title": "Mr.", "home_phone": "+49 89 1111111"}


EXCHANGE = "/o=ExchangeLabs/ou=Exchange Administrative Group/cn=Recipients/cn=hans"


def test_outlook_s_people_in_the_same_house_have_their_address_behind_their_name() -> None:
    head = "First Name,Business Phone,E-mail Address,E-mail Type,E-mail Display Name,E-mail 2 Address,E-mail 2 Type,E-mail 2 Display Name"
    rows = [
        f"Hans,1,{EXCHANGE},EX,Hans Lang (hans@example.org),hans@home.example,SMTP,Hans (hans@home.example)",
        f"Eva,2,{EXCHANGE},EX,Eva,,,",
        "Zoe,3,zoe@example.org,SMTP,Zoe (other@example.org),,,",
        "Kim,4,ask at the desk,,,,,",
    ]
    hans, eva, zoe, kim = (lead.prospect for lead in table(head, *rows).rows)
    assert (hans.email, hans.fields) == ("hans@example.org", {"e_mail_2_address": "hans@home.example"})
    assert (eva.email, eva.fields, zoe.email, zoe.fields) == ("", {}, "zoe@example.org", {})
    assert (kim.email, kim.fields) == ("", {"other_email": "ask at the desk"})


@pytest.mark.parametrize("order", [("Lead Status", "Lifecycle Stage"), ("Lifecycle Stage", "Lead Status")])
def test_hubspot_s_lifecycle_stage_is_the_stage_whatever_comes_first(order: tuple[str, str]) -> None:
    cells = {"Lead Status": "New", "Lifecycle Stage": "Lead"}
    (lead,) = table(f"Record ID,First Name,{','.join(order)}", f"1,Ann,{','.join(cells[name] for name in order)}").rows
    assert (lead.prospect.stage, lead.prospect.fields) == ("Lead", {"record_id": "1", "lead_status": "New"})
    (lead,) = table("Record ID,First Name,Lead Status", "1,Ann,New").rows
    assert lead.prospect.stage == "New"


def test_what_a_spreadsheet_left_of_a_number_is_none() -> None:
    leads = table("name,phone,Mobile Phone", "Ann,2.49E+09,", 'Bob,,"2,49E+09"', "Cy,248.555.0100,")
    assert [lead.prospect.name for lead in leads.rows] == ["Cy"]
    assert [bad.problem.line for bad in leads.bad] == [2, 3]
    assert leads.bad[0].problem.message.startswith('phone: "2.49E+09" is what a spreadsheet left of a number')


def test_hubspot_with_tabs_and_utf_16(store: Store) -> None:
    leads = read_leads((DATA / "export_hubspot_utf16.tsv").read_bytes(), "hubspot.tsv")
    jenny = leads.rows[0].prospect
    assert (jenny.name, jenny.person, jenny.phone, jenny.stage) == ("Acme Windows", "Jenny Ray", "(248) 867-5309", "Lead")
    assert jenny.fields == {"record_id": "101", "mobile_phone_number": "248-555-0101", "create_date": "2026-01-02"}
    assert len(bring(store, leads).create) == 2  # two people behind one switchboard
    again = bring(store, leads)
    assert (again.create, again.update, again.same) == ((), (), 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_delimiters(encoding: str, delimiter: str, end: str) -> None:
    rows = [["Name", "E-Mail", "notes"], ["Café Zoë", "zoe@example.org", "très bien – 20 €"]]
    leads = read_leads(end.join(delimiter.join(row) for row in rows).encode(encoding), "x.csv")
    assert [lead.prospect for lead in leads.rows] == [
        Prospect(id="", rep="", name="Café Zoë", email="zoe@example.org", notes="très bien – 20 €")
    ]


NAMES = [
    "Müller",
    "Joe’s Diner",
    "Café",
    "José Núñez",
    "François",
    "Søren Kjær",
    "São Paulo",
    "Häuser – Büro",
    "20 € each",
    "Mäkinen",
    "Zoë",
    "Weiß",
    "ÉCOLE",
    "Größe",
    "Renée’s",
    "“The Grill”",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
def test_one_old_line_is_enough_to_know_the_code_page(name: str, encoding: str) -> None:
    assert encoding_of(f"name,phone\n{name},248.555.0100\n".encode(encoding), "x.csv", "US") == encoding


@pytest.mark.parametrize(
    ("region", "encoding", "name"),
    [
        ("PL", "cp1250", "Zażółć Gęślą"),
        ("UA", "cp1251", "Пекарня Олена"),
        ("GR", "cp1253", "Καφέ"),
        ("JP", "cp932", "山田商店"),
        ("FR", "latin-1", "Café à côté"),
    ],
)
def test_spreadsheets_of_a_country_write_its_code_page(region: str, encoding: str, name: str) -> None:
    [lead] = read_leads(f"name\n{name}\n".encode(encoding), "x.csv", region).rows
    assert lead.prospect.name == name


def test_a_quote_that_is_never_closed_costs_one_row() -> None:
    leads = table("name,phone,notes", "Joe,1,a", 'Ann,2,"5 inch pipe', "Bob,3,c", "only a part of a note", 'Kim,4,"d, e"')
    assert [(lead.line, lead.prospect.name) for lead in leads.rows] == [(2, "Joe"), (4, "Bob"), (6, "Kim")]
    assert [(bad.problem.line, bad.raw) for bad in leads.bad] == [(3, ("Ann", "2", '"5 inch pipe')), (5, ("only a part of a note",))]
    [long] = read_leads(b'name,phone\n"' + b"x" * 200_000 + b"\nJoe,1\n", "x.csv").bad
    assert long.problem.message == "a quote opens in this line and is not closed"


def test_what_stands_aside_is_mended_and_imported(store: Store) -> None:
    leads = table("name;met;notes", "Joe;soon;=1+1", "Ann;2026-01-05;'=2", ";;x", 'Kim;;"5 inch')
    assert len(bring(store, leads).create) == 1
    text = aside_text(leads.bad, leads.headers).decode("utf-8-sig")
    header, joe, nameless, kim = text.splitlines()
    assert header == "why_aside,name,met,notes"
    assert (joe.startswith('"line 2: met: ""soon""'), joe.endswith(",Joe,soon,'=1+1")) == (True, True)
    mended = text.replace("soon", "2026-01-06").replace(",,,x", ",Bob,,x")
    again = read_leads(mended.encode("utf-8-sig"), "leads.bad.csv")
    assert again.bad == ()
    assert [(one.prospect.name, one.prospect.notes, dict(one.prospect.fields)) for one in again.rows] == [
        ("Joe", "=1+1", {"met": "2026-01-06"}),
        ("Bob", "x", {}),
        ("Kim", '"5 inch', {}),
    ]
    assert len(bring(store, again).create) == 3
    assert (nameless.count(","), kim.startswith("line 5: a quote opens")) == (3, True)
    still = read_leads(text.encode("utf-8-sig"), "leads.bad.csv")
    assert aside_text(still.bad, still.headers).decode("utf-8-sig").splitlines()[0] == header


def test_our_own_rows_stand_aside_as_ours(store: Store) -> None:
    with store.writing() as tx:
        tx.capture(Prospect("joe", "dana", "Joe", tags=("a, b",)), Captured(NOW, "add"))
        header, row = (next(csv.reader([line])) for line in export_csv(tx).splitlines())
    row[header.index("met")] = "soon"
    leads = read_leads(csv_of(header, row), "x.csv")
    [bad] = leads.bad
    assert bad.problem.message.startswith('met: "soon"')
    mended = aside_text(leads.bad, leads.headers).replace(b",soon,", b",2026-01-05,")
    shown = bring(store, read_leads(mended, "x.bad.csv"))
    assert [changes for _, changes in shown.update] == [{"met": ("", "2026-01-05")}]


def csv_of(*rows: list[str]) -> bytes:
    output = io.StringIO(newline="")
    csv.writer(output).writerows(rows)
    return output.getvalue().encode()


def test_progress_is_told_of_long_files(store: Store) -> None:
    heard: list[tuple[int, int]] = []
    leads = read_leads(
        ("name\n" + "".join(f"Shop {number}\n" for number in range(500))).encode(), "x.csv", told=lambda *one: heard.append(one)
    )
    assert (heard[0], heard[-1], len(heard)) == ((2, 501), (501, 501), 500)
    heard.clear()
    with store.writing() as tx:
        shown = preview(tx, leads, rep="dana", region="US", told=lambda *one: heard.append(one))
        apply(tx, shown, now=NOW, told=lambda *one: heard.append(one))
    assert heard == [(number, 500) for number in range(1, 501)] * 2


def test_bad_rows_stand_aside_with_their_line() -> None:
    leads = table("name,met,phone", "Joe,soon,1", "", 'Ann,,"2,5"', "Bob,,1,2,3", ",,555", "Eve,13/13/2026,1", "Kim,1/5/2026,,,")
    assert [lead.prospect.name for lead in leads.rows] == ["Ann", "Kim"]
    assert [(bad.problem.line, bad.problem.message.split(";")[0]) for bad in leads.bad] == [
        (2, 'met: "soon" is not a day that can be relied on'),
        (5, "there are more cells than headers"),
        (6, "there is no name in this row"),
        (7, 'met: "13/13/2026" is not a day that can be relied on'),
    ]


def test_dates_go_by_the_country_of_the_rep() -> None:
    data = b"name,met,renewal\nJoe,1/5/2026,1/5/2026\n"
    days = {
        region: [dict(lead.prospect.fields) for lead in read_leads(data, "x.csv", region, ["renewal"]).rows]
        for region in ("US", "GB", "CA")
    }
    assert days == {
        "US": [{"met": "2026-01-05", "renewal": "2026-01-05"}],
        "GB": [{"met": "2026-05-01", "renewal": "2026-05-01"}],
        "CA": [],
    }


@pytest.mark.parametrize(
    ("said", "zone", "told"),
    [
        ("America/Los_Angeles", "America/Los_Angeles", False),
        ("america/los_angeles", "America/Los_Angeles", False),
        ("America/Los Angeles ", "America/Los_Angeles", False),
        ("EUROPE/BERLIN", "Europe/Berlin", False),
        ("utc", "UTC", False),
        ("", "", False),
        ("Pacific Time", "", True),
        ("GMT-5:00", "", True),
        ("../etc/passwd", "", True),
    ],
)
def test_a_time_zone_has_its_real_name_and_one_that_is_none_is_told_and_not_used(said: str, zone: str, told: bool) -> None:
    leads = read_leads(f"name,timezone\nAnn,{said}\n".encode(), "x.csv")
    (lead,) = leads.rows
    assert lead.prospect.timezone == zone
    assert lead.prospect.fields.get("time_zone", "") == (said if told else "")
    message = (
        f'timezone: "{said}" is the name of no time zone, so it is kept as text (time_zone) and not used; write one such as America/Detroit'
    )
    assert [(one.line, one.message) for one in leads.odd] == ([(2, message)] if told else [])


@pytest.mark.parametrize(
    ("region", "said", "told"),
    [
        ("DE", "30.02.1970", "is not read as a day, so it is kept as text; write it as 2026-01-31"),
        ("DE", "02/30/1970", "is not read as a day, so it is kept as text; write it as 2026-01-31"),
        ("DE", "1970-13-01", "is not read as a day, so it is kept as text; write it as 2026-01-31"),
        ("CA", "3/5/1970", "is not read as a day in the order of CA, so it is kept as text; write it as 1970-03-05 or 1970-05-03"),
        ("US", "13/13/1970", "is not read as a day, so it is kept as text; write it as 2026-01-31"),
        ("US", "31-12-1970", "is not read as a day, so it is kept as text; write it as 2026-01-31"),
        ("CA", "3/5/70", "is not read as a day, so it is kept as text; write it as 2026-01-31"),
        ("DE", "5/2026", ""),
        ("DE", "24/7", ""),
        ("DE", "1.2.3", ""),
        ("DE", "99/99/99", ""),
        ("DE", "248.867.5309", ""),
        ("DE", "1970-12-31", ""),
        ("DE", "spring", ""),
    ],
)
@pytest.mark.parametrize("column", ["birthday", "vertrag"])
def test_what_looks_like_a_day_and_is_kept_as_text_is_told_with_its_line(region: str, said: str, told: str, column: str) -> None:
    leads = read_leads(f"name;{column};other_phone\nAnn;;1\nBob;{said};12-34-5678\n".encode(), "x.csv", region)
    assert [lead.prospect.name for lead in leads.rows] == ["Ann", "Bob"], "the row goes in"
    assert [(one.line, one.message) for one in leads.odd] == ([(3, f'{column}: "{said}" {told}')] if told else [])


@pytest.mark.parametrize("region", ["DE", "US"])
def test_days_of_a_column_that_nobody_reads_are_told_once_and_a_birthday_is_read(region: str) -> None:
    data = b"name,birthday,seit\nAnn,12/31/1970,\nBob,12/31/1971,12/31/2019\nEve,,1/13/2020\n"
    leads = read_leads(data, "x.csv", region)
    assert [lead.prospect.fields.get("birthday", "") for lead in leads.rows] == ["1970-12-31", "1971-12-31", ""]
    assert [(one.line, one.message) for one in leads.odd] == [
        (
            3,
            'seit: "12/31/2019" looks like a day and is kept as text, like 1 further cell of that column, for nothing counts from it; '
            "where a rule is to, write it as 2019-12-31, or import the file again then",
        )
    ]
    assert read_leads(data, "x.csv", region, ["seit"]).odd == ()


def test_a_birthday_of_a_card_that_is_no_day_is_told() -> None:
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nBDAY:13/31/1970\nEND:VCARD\n"
    (odd,) = read_leads(card.encode(), "x.vcf", "DE").odd
    assert (odd.line, odd.message.partition('"')[0]) == (1, "birthday: ")


def test_a_day_without_a_year_is_one() -> None:
    leads = read_leads(b"name,birthday\nAnn,--04-12\nBob,April\n", "x.csv", "US", ["birthday"])
    assert [lead.prospect.fields for lead in leads.rows] == [{"birthday": "--04-12"}]
    assert [bad.problem.line for bad in leads.bad] == [3]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "headers"),
        (b"a,b\n1,2\n", "headers"),
        (b"name,name\n1,2\n", "twice"),
        (b"\xff\xfe\x00", "damaged"),
        (b"PK\x03\x04" + bytes(40), "workbook"),
        (b"name\x01\x02\x03\x04\x05\x06\n\x07\x08\xe9", "not a text"),
        (b"name\0\0\n", "not a text"),
        (b"GIF89a" + bytes(range(256)), "not a text"),
    ],
)
def test_files_that_are_no_table(data: bytes, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_leads(data, "x.csv")


def test_names_beside_organisations_and_titles_beside_job_titles() -> None:
    leads = table("Name,Organisation,Title,Job Title", "Jenny Ray,Acme,Ms,Buyer", "Acme,Acme,,")
    assert [(lead.prospect.name, lead.prospect.person, lead.prospect.role) for lead in leads.rows] == [
        ("Acme", "Jenny Ray", "Buyer"),
        ("Acme", "", ""),
    ]
    assert leads.rows[0].prospect.fields == {"title": "Ms"}


def test_again_is_no_double_and_history_says_what_happened(store: Store) -> None:
    first = table("name,phone,email,notes", "Joe's Diner,248.555.0100,joe@example.org,blue")
    assert [prospect.id for prospect in bring(store, first).create] == ["joes-diner"]
    again = bring(store, first)
    assert (again.create, again.update, again.same) == ((), (), 1)
    with store.reading() as tx:
        assert tx.history("joes-diner") == (Captured(NOW, "import"),)


@pytest.mark.parametrize(
    "row",
    [
        "joes-diner,Joe's Grill,,",
        ",Joe's Grill,+1 (248) 555-0100,",
        ",Joe's Grill,,JOE@example.org",
        ",joe's  DINER,,",
    ],
)
def test_known_by_id_phone_mail_or_name(store: Store, row: str) -> None:
    bring(store, table("name,phone,email,notes,tags", "Joe's Diner,248.555.0100,joe@example.org,blue,hot"))
    shown = bring(store, table("id,name,phone,email,tags,windows", f"{row},cold,20"))
    assert shown.create == ()
    [(known, changes)] = shown.update
    [joe] = everybody(store)
    assert known == joe.id == "joes-diner"
    assert (joe.notes, joe.tags, joe.fields) == ("blue", ("hot", "cold"), {"windows": "20"})  # an empty cell deletes nothing
    assert changes["tags"] == ("hot", "hot;cold")
    with store.reading() as tx:
        assert tx.history("joes-diner") == (Captured(NOW, "import"), Edited(NOW, "import", changes))


def test_a_row_may_know_nothing_but_the_id(store: Store) -> None:
    bring(store, table("name,person", "Joe's Diner,", "Acme,Jenny"))
    shown = bring(store, table("id,phone", "joes-diner,248.555.0100", "acme,248.555.0101"))
    assert [(one.name, one.person, one.phone) for one in shown.changed] == [
        ("Joe's Diner", "", "248.555.0100"),
        ("Acme", "Jenny", "248.555.0101"),
    ]


def test_reps_are_apart(store: Store) -> None:
    bring(store, table("name,phone", "Joe,248.555.0100"), rep="dana")
    shown = bring(store, table("id,name,phone,rep", "joe,Joe,248.555.0100,", ",Ann,,dana"), rep="eve")
    assert [(one.id, one.rep) for one in shown.create] == [("joe-2", "eve"), ("ann", "dana")]


def test_rows_of_one_file_may_be_the_same_prospect(store: Store) -> None:
    shown = bring(store, table("name,phone,email", "Joe's Diner,248.555.0100,", "Joe's Diner,,joe@example.org"))
    assert [(one.phone, one.email) for one in shown.create] == [("248.555.0100", "joe@example.org")]


def test_a_further_number_or_the_person_s_name_is_known_too(store: Store) -> None:
    bring(store, table("name,phone,mobile phone", "Jenny Ray,248.555.0100,248.555.0101"))
    shown = bring(store, table("company,full name,phone", "Acme,Jenny Ray,(248) 555-0101"))
    assert [(name, changes.get("name"), changes.get("person")) for name, changes in shown.update] == [
        ("jenny-ray", ("Jenny Ray", "Acme"), ("", "Jenny Ray"))
    ]
    assert bring(store, table("name,notes", "Jenny Ray,called back")).create == ()


def test_another_program_s_export_takes_nothing_away(store: Store) -> None:
    bring(store, table("name,phone,address,email_2,phone_2", 'Acme,248.555.0100,"1 Plant Rd, Detroit, MI",a@example.org,248.555.0101'))
    second = table("name,phone,address,email_2,phone_2", 'Acme,(248) 555-0100,"Detroit, MI",b@example.org,(248) 555-0101')
    assert [dict(changes) for _, changes in bring(store, second).update] == [{"email_3": ("", "b@example.org")}]
    assert bring(store, second).same == 1
    moved = bring(store, table("name,address", 'Acme,"2 Plant Rd, Detroit"'))
    assert [dict(changes) for _, changes in moved.update] == [{"address": ("1 Plant Rd, Detroit, MI", "2 Plant Rd, Detroit")}]


def test_two_people_of_one_number_stay_two(store: Store) -> None:
    couple = table("name,phone,email", "Jenny Ray,248.555.0100,jenny@example.org", "Bob Ray,248.555.0100,bob@example.org")
    assert [one.name for one in bring(store, couple).create] == ["Jenny Ray", "Bob Ray"]
    assert bring(store, table("name,phone,email", "Bob Ray,248.555.0100,bob@example.org")).same == 1
    assert len(bring(store, table("name,phone,email", "Ann,n/a,-", "Kim,n/a,-")).create) == 2  # as some programs write nothing


def test_what_a_second_row_of_somebody_says_stands_beside_the_first(store: Store) -> None:
    leads = table(
        "name,phone,email,notes,tags",
        "Acme,248.555.0100,a@example.org,blue,hot",
        "Acme,248.555.0101,A@example.org,red,trade",
        "Acme,,,blue,",
    )
    [acme] = bring(store, leads).create
    assert (acme.phone, acme.email, acme.notes, acme.tags) == ("248.555.0100", "a@example.org", "blue\nred", ("hot", "trade"))
    assert acme.fields == {"phone_2": "248.555.0101"}
    assert bring(store, leads).same == 3
    later = table("name,phone,notes", "Acme,248.555.0199,green")
    assert [dict(changes) for _, changes in bring(store, later).update] == [
        {"phone": ("248.555.0100", "248.555.0199"), "notes": ("blue\nred", "green")}
    ]


def test_an_unknown_id_without_a_name_is_a_bad_row(store: Store) -> None:
    shown = bring(store, table("id,name,phone", "nobody,,248.555.0100"))
    assert [(bad.problem.where, bad.problem.line) for bad in shown.bad] == [("leads.csv", 2)]
    assert everybody(store) == []


def test_thirty_leads(store: Store) -> None:
    leads = table("name,phone", *(f"Shop {number},248.555.01{number:02}" for number in range(30)))
    assert len(bring(store, leads).create) == 30
    assert bring(store, leads).same == 30


def test_formulas_are_text(store: Store) -> None:
    bring(store, table("name,phone,notes", "=1+1,+1 248 555 0100,@SUM(A1)"))
    with store.reading() as tx:
        text = export_csv(tx, "dana")
    header, row = text.splitlines()
    assert header == ",".join((*HEADERS, "met", "contract_end", "proposal_due"))
    assert "'=1+1" in row
    assert "'+1 248 555 0100" in row
    assert "'@SUM(A1)" in row
    again = bring(store, read_leads(text.encode(), "x.csv"))
    assert (again.create, again.update, again.same) == ((), (), 1)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NAME = TEXT.filter(str.strip)
ROLE = TEXT.map(lambda text: text.replace("@", "").strip())  # what holds an @ is an address, wherever it stands
PEOPLE = st.builds(Stakeholder, NAME.map(str.strip), ROLE, st.booleans(), TEXT.map(str.strip))
PROSPECTS = st.builds(
    Prospect,
    id=st.just("p"), rep=st.just("dana"), name=NAME, person=TEXT, phone=TEXT, notes=TEXT, address=TEXT, email=TEXT, method=TEXT,
    tags=st.lists(NAME.map(str.strip).filter(lambda tag: not set(",;") & set(tag)), max_size=3, unique=True).map(tuple),
    stakeholders=st.lists(PEOPLE, max_size=2, unique_by=lambda one: one.name.casefold()).map(tuple),
    fields=st.dictionaries(st.sampled_from(["windows", "title", "city", "zip"]), NAME),
)  # fmt: skip


class Table:
    """A store of these prospects."""

    def __init__(self, *prospects: Prospect) -> None:
        self._prospects = prospects

    def prospects(self, rep: str | None = None) -> list[Prospect]:
        return list(self._prospects)


@settings(max_examples=300, deadline=None)
@given(PROSPECTS)
def test_a_round_trip_is_exact(prospect: Prospect) -> None:
    data = export_csv(Table(prospect), "dana").encode()
    [lead] = read_leads(data, "x.csv").rows
    assert blank_free(lead.prospect) == blank_free(prospect)


def blank_free(prospect: Prospect) -> dict[str, object]:
    """A cell of blanks only is an empty cell."""
    values = {name: getattr(prospect, name) for name in prospect.__slots__}
    return {name: value if not isinstance(value, str) or value.strip() else "" for name, value in values.items()}


@given(st.text(st.sampled_from("'=+-@\ta"), max_size=6))
def test_guards_come_off_exactly(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
    assert guarded(cell)[:1] not in {"=", "+", "-", "@", "\t"}


HEADS = st.sampled_from(
    ["name,met,x\n", "sep=;\nname;notes\n", '"name"\t"E-mail 1 - Value"\r', "ID,Type,Name,Organization\n", "\ufeffid,name,rep\r\n"]
)
CELLS = st.text(st.one_of(st.sampled_from("\",;\t\r\n'=@\0\ufdd0"), st.characters(exclude_categories=["Cs"])), max_size=120)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.builds(
            lambda head, body, encoding: (head + body).encode(encoding, "replace"),
            HEADS,
            CELLS,
            st.sampled_from(["utf-8", "utf-16", "cp1252"]),
        ),
        st.builds(lambda head, body: head.encode() + body, HEADS, st.binary(max_size=200)),
    ),
    st.sampled_from(["US", "PL", "JP"]),
)
def test_any_bytes_are_read_or_answered_with_a_sentence(data: bytes, region: str) -> None:
    try:
        leads = read_leads(data, "x.csv", region)
    except UsageError:
        return
    assert all(lead.prospect.name or lead.prospect.id for lead in leads.rows)
    shown = preview(Table(), leads, rep="dana", region=region, reps=["dana"])
    assert len(shown.create) + len(shown.update) + shown.same + len(shown.bad) <= len(leads.rows) + len(leads.bad)
    again = read_leads(aside_text(shown.bad, leads.headers), "x.bad.csv", region)
    assert len(again.rows) + len(again.bad) == len(shown.bad)
    "".join(f"{one}{one.notes}" for one in shown.create).encode("utf-8")  # what is half a letter cannot be stored


POOL = {
    "name": ["Acme", "Joe's Diner", "", ""],
    "person": ["Jenny", "Bob", "", ""],
    "phone": ["248.555.0100", "(248) 555-0100", "248.555.0101", "", ""],
    "email": ["a@example.org", "A@example.org", "b@example.org", "", ""],
    "notes": ["x", "y", ""],
}
ROWS = st.lists(st.tuples(*(st.sampled_from(values) for values in POOL.values())), min_size=1, max_size=6)


@settings(max_examples=500, deadline=None)
@given(ROWS)
def test_importing_again_changes_nothing(rows: list[tuple[str, ...]]) -> None:
    leads = read_leads(csv_of(list(POOL), *map(list, rows)), "x.csv")
    first = preview(Table(), leads, rep="dana", region="US")
    again = preview(Table(*sorted(first.create, key=lambda one: one.id)), leads, rep="dana", region="US")
    assert (again.create, again.update) == ((), ())


@settings(max_examples=500, deadline=None)
@given(ROWS)
def test_nobody_of_a_file_is_lost(rows: list[tuple[str, ...]]) -> None:
    leads = read_leads(csv_of(list(POOL), *map(list, rows)), "x.csv")
    named = {name for one in preview(Table(), leads, rep="dana", region="US").create for name in (one.name, one.person) if name}
    assert named == {name for lead in leads.rows for name in (lead.prospect.name, lead.prospect.person) if name}
