"""Tables in and out, against the real store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followsync.core.history import Captured, Edited
from followsync.core.prospect import Prospect, Stakeholder
from followsync.errors import UsageError
from followsync.importer import HEADERS, Leads, Preview, apply, export_csv, guarded, preview, read_leads, unguarded
from followsync.store import Store, open_store

NOW = datetime(2026, 1, 6, 15, 15, tzinfo=UTC)
DATA = Path(__file__).parent / "data"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.close()


def table(*lines: str) -> Leads:
    return read_leads("\n".join(lines).encode(), "leads.csv")


def bring(store: Store, leads: Leads, rep: str = "dana", now: datetime = NOW) -> Preview:
    with store.writing() as tx:
        shown = preview(tx, leads, rep=rep, now=now, region="US")
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


def test_hubspot_with_tabs_and_utf_16(store: Store) -> None:
    leads = read_leads((DATA / "export_hubspot_utf16.tsv").read_bytes(), "hubspot.tsv")
    jenny = leads.rows[0].prospect
    assert (jenny.name, jenny.person, jenny.phone, jenny.stage) == ("Acme Windows", "Jenny Ray", "(248) 867-5309", "Lead")
    assert jenny.fields == {"record_id": "101", "mobile_phone_number": "248-555-0101", "create_date": "2026-01-02"}
    assert len(bring(store, leads).create) == 2  # two people behind one switchboard
    again = bring(store, leads)
    assert (again.create, again.update, again.same) == ((), (), 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_delimiters(encoding: str, delimiter: str, end: str) -> None:
    rows = [["Name", "E-Mail", "notes"], ["Café Zoë", "zoe@example.org", "très bien – 20 €"]]
    leads = read_leads(end.join(delimiter.join(row) for row in rows).encode(encoding), "x.csv")
    assert [lead.prospect for lead in leads.rows] == [
        Prospect(id="", rep="", name="Café Zoë", email="zoe@example.org", notes="très bien – 20 €")
    ]


def test_bad_rows_stand_aside_with_their_line() -> None:
    leads = table("name,met,phone", "Joe,soon,1", "", 'Ann,,"2,5"', "Bob,,1,2,3", ",,555", "Eve,13/13/2026,1", "Kim,1/5/2026,,,")
    assert [lead.prospect.name for lead in leads.rows] == ["Ann", "Kim"]
    assert [(problem.line, problem.message.split(";")[0]) for problem in leads.bad] == [
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
    ("data", "message"),
    [
        (b"", "headers"),
        (b"a,b\n1,2\n", "headers"),
        (b"name,name\n1,2\n", "twice"),
        (b"\xff\xfe\x00", "damaged"),
        (b'name\n"' + b"x" * 200_000, "cannot be read"),
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


def test_reps_are_apart(store: Store) -> None:
    bring(store, table("name,phone", "Joe,248.555.0100"), rep="dana")
    shown = bring(store, table("id,name,phone,rep", "joe,Joe,248.555.0100,", ",Ann,,dana"), rep="eve")
    assert [(one.id, one.rep) for one in shown.create] == [("joe-2", "eve"), ("ann", "dana")]


def test_rows_of_one_file_may_be_the_same_prospect(store: Store) -> None:
    shown = bring(store, table("name,phone,email", "Joe's Diner,248.555.0100,", "Joe's Diner,,joe@example.org"))
    assert [(one.phone, one.email) for one in shown.create] == [("248.555.0100", "joe@example.org")]


def test_an_unknown_id_without_a_name_is_a_bad_row(store: Store) -> None:
    shown = bring(store, table("id,name,phone", "nobody,,248.555.0100"))
    assert [(problem.where, problem.line) for problem in shown.bad] == [("leads.csv", 2)]
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
    """A store of one prospect."""

    def __init__(self, prospect: Prospect) -> None:
        self.prospect = prospect

    def prospects(self, rep: str | None = None) -> list[Prospect]:
        return [self.prospect]


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


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: f"name,met,x\n{text}".encode())))
def test_any_bytes_are_read_or_answered_with_a_sentence(data: bytes) -> None:
    try:
        leads = read_leads(data, "x.csv")
    except UsageError:
        return
    assert all(lead.prospect.name or lead.prospect.id for lead in leads.rows)
