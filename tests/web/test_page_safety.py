"""What keeps a phone page to the one who has its address: secrets, forms that nobody else can make, bounds, and texts that stay texts."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from followsync import addresses
from followsync.core.history import Noted, Touched
from followsync.core.prospect import Stakeholder
from followsync.store import Form, Page, pages
from followsync.web import assets, forms, server
from followsync.web.forms import Tokens
from followsync.web.pace import Pace
from followsync.web.views import is_web
from tests.machine.room import CONFIG, MONDAY
from tests.web.phone_page import FORM, Phone, Reading, page_of
from tests.web.site import Site


@pytest.fixture
def today(phone: Phone) -> Phone:
    phone.site.room.capture("Jenny", phone="248.867.5309")
    phone.site.room.promise("jenny", "call today 10:00 to sign")
    return phone


def touched(site: Site, who: str = "jenny") -> bool:
    return any(isinstance(one, Touched) for one in site.room.history(who))


# -- the address


def test_wrong_ones_all_get_the_same(today: Phone) -> None:
    secret = today.at.split("/")[2]
    wrong = [
        f"/p/{secret[:-1]}/",
        f"/p/{secret}x/",
        f"/p/{secret.swapcase()}/",
        f"/p/{addresses.digest(secret)}/",
        f"/p/{secret[:-1]}",
        "/p/dana/",
        "/p//",
        "/p/",
        f"/p/{secret}/never",
        f"/p/{secret}/week/",
        f"/p/{secret}/../{secret}/",
        f"/P/{secret}/",
        f"/feed/{secret}.ics",
        "/p/static/page.css",
        "/p/static/..%2fapp.py",
        "/p/static/../../app.py",
    ]
    answers = [today.site.ask(path).told() for path in wrong]
    assert answers[0][0] == 404
    assert all(one == answers[0] for one in answers), [path for path, one in zip(wrong, answers, strict=True) if one != answers[0]]
    assert today.site.ask(today.at).status == 200
    moved = today.site.ask(today.at.rstrip("/"))
    assert (moved.status, moved.headers["location"]) == (308, f"{secret}/")


def test_all_secrets_are_compared_whichever_fits(today: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [today.at, *(page_of(today.site, name).at for name in ("beside", "zero"))]
    compared: list[str] = []

    def compare(one: str, other: str) -> bool:
        compared.append(one)
        return one == other

    monkeypatch.setattr("followsync.web.visit.compare_digest", compare)
    for path in (*paths, "/p/never/"):
        compared.clear()
        today.site.ask(path)
        assert len(compared) == 3


def test_rotation_kills_the_old_address_and_its_forms_at_once(today: Phone) -> None:
    form, secret = today.form("jenny"), addresses.secret()
    with today.site.room.store.writing() as tx:
        tx.rotate_page("dana", addresses.digest(secret))
    assert today.site.ask(today.at).told() == today.site.ask("/p/never/").told()
    assert today.send(form, outcome="no").status == 404
    new = Phone(today.site, f"/p/{secret}/")
    assert "Jenny" in new.look().text
    assert new.post("answer", {**form.fields, "outcome": "no"}).status == 403
    assert not touched(today.site)


def test_so_does_removing_it_and_a_rep_who_left(today: Phone) -> None:
    other = page_of(today.site, "other")
    with today.site.room.store.writing() as tx:
        tx.rotate_page("other", "")
    assert today.site.ask(other.at).status == 404
    form = today.form("jenny")
    today.site.room.configure(CONFIG.replace("  dana:", "  lee:"))
    assert today.site.ask(today.at).told() == today.site.ask("/p/never/").told()
    assert today.send(form, outcome="no").status == 404


def test_an_address_of_a_removed_page_leads_nowhere(site: Site) -> None:
    """A removed page has "" for a secret: nothing may hash to that, and it is not even compared."""
    with site.room.store.writing() as tx:
        tx.add_page(Page("gone", "dana", "x"))
        tx.rotate_page("gone", "")
        assert tx.pages() == []
    assert site.ask("/p/%20/").status == 404


# -- forms of others


def test_a_form_that_another_site_sends_is_refused(today: Phone) -> None:
    form, port = today.form("jenny"), today.site.port
    fields = {**form.fields, "outcome": "no"}
    for headers in (
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site", "Origin": f"http://127.0.0.1:{port}"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"http://127.0.0.1:{port}.evil.example"},
        {"Origin": "http://[bad"},
    ):
        assert today.post("answer", fields, **headers).status == 403, headers
    assert not touched(today.site)
    assert today.post("answer", fields, Sec_Fetch_Site="same-origin", Origin=f"http://127.0.0.1:{port}").status == 303


def test_the_public_address_is_ours_too(today: Phone) -> None:
    """Behind a proxy that does not pass the Host header on."""
    today.site.room.configure(CONFIG + "page: {public_url: 'https://follow.example.org/'}\n")
    fields = {**today.form("jenny").fields, "outcome": "done"}
    assert today.post("answer", fields, Origin="https://other.example.org").status == 403
    assert today.post("answer", fields, Origin="https://follow.example.org").status == 303


@pytest.mark.parametrize("token", ["", "x", "1.2.3", "0.AAAAAAAAAAAAAAAAAAAAAA.00000000000000000000000000000000", "é" * 60])
def test_a_form_without_our_token_is_refused(today: Phone, token: str) -> None:
    answer = today.send(today.form("jenny"), form=token, outcome="no")
    assert (answer.status, touched(today.site)) == (403, False)
    assert "open for too long" in Reading(answer.body.decode()).text


def test_a_form_without_any_token_is_refused_everywhere(today: Phone) -> None:
    for action in ("answer", "add", "undo"):
        assert today.post(action, {"line": "Call Bob Friday 10am", "prospect": "jenny", "outcome": "no"}).status == 403
    with today.site.room.store.reading() as tx:
        assert [one.id for one in tx.prospects()] == ["jenny"]
    assert not touched(today.site)


def test_a_token_is_of_one_address_and_one_week() -> None:
    mine, other = Tokens("one", MONDAY), Tokens("other", MONDAY)
    token = mine.new()
    nonce = mine.nonce(token)
    assert nonce == forms.nonce_in(token.split(".")[1])
    assert mine.new() != token
    assert other.nonce(token) is None
    assert Tokens("one", MONDAY + timedelta(days=7)).nonce(token) == nonce
    assert Tokens("one", MONDAY + timedelta(days=7, seconds=1)).nonce(token) is None
    assert Tokens("one", MONDAY - timedelta(minutes=6)).nonce(token) is None
    issued, middle, mac = token.split(".")
    assert mine.nonce(f"{int(issued, 16) + 1:x}.{middle}.{mac}") is None
    assert mine.nonce(f"{issued}.{middle[::-1]}.{mac}") is None


def test_forms_are_remembered_for_longer_than_they_are_good_for(today: Phone) -> None:
    assert pages.KEPT > forms.GOOD_FOR
    room = today.site.room
    tokens = [today.form("jenny").fields["form"].split(".")[1] for _ in range(2)]

    def known() -> list[bool]:
        with room.store.reading() as tx:
            return [tx.form("dana", token) is not None for token in tokens]

    for token, day in zip(tokens, (0, 14), strict=True):
        with room.store.writing() as tx:
            tx.take_form("dana", Form(token, MONDAY + timedelta(days=day), "said"))
    assert known() == [True, True]
    with room.store.writing() as tx:
        tx.take_form("dana", Form("third", MONDAY + timedelta(days=14, seconds=1), "said"))
    assert known() == [False, True]


def test_looking_changes_nothing_and_nothing_is_told_by_a_link(today: Phone) -> None:
    room = today.site.room
    before = room.rows()
    for page in ("", "week", "pipeline", "who?id=jenny", "add", "add?line=Call+Bob+Friday&form=x", "app.webmanifest"):
        assert today.site.ask(f"{today.at}{page}").status == 200
    for action in ("answer", "undo"):
        assert today.site.ask(f"{today.at}{action}?outcome=no&prospect=jenny").status in (404, 405)
    assert room.rows() == before


# -- bounds


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/json", ""])
def test_only_plain_forms_are_read(today: Phone, kind: str) -> None:
    answer = today.site.ask(f"{today.at}answer", "POST", body="form=x", Content_Type=kind)
    assert answer.status == 415


def test_long_forms_are_not_read_to_the_end(today: Phone) -> None:
    path = f"{today.at}answer"
    assert today.site.ask(path, "POST", body="note=" + "x" * forms.LONGEST_BODY, Content_Type=FORM).status == 413
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nTransfer-Encoding: chunked\r\n\r\n"
    with today.site.connected() as client:
        client.sendall(head.encode() + b"4000\r\n" + b"x" * 0x4000 + b"\r\n4000\r\n" + b"x" * 0x4000 + b"\r\n")  # and so on
        assert client.recv(65536).startswith(b"HTTP/1.1 413 ")
    assert today.site.ask(path, "POST", body="&".join(f"f{n}=1" for n in range(50)), Content_Type=FORM).status == 400


def test_a_form_that_does_not_come_is_not_waited_for(today: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "_PATIENCE", 0.05)
    head = f"POST {today.at}answer HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 100\r\n\r\nform="
    with today.site.connected() as client:
        client.sendall(head.encode())
        assert client.recv(65536).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(("name", "most"), [("note", 2000), ("next", 300)])
def test_each_field_is_bounded(today: Phone, name: str, most: int) -> None:
    word = "next" if name == "next" else "done"
    fields = {name: "fri 10am " + "x" * (most - 8)}
    answer = today.send(today.form("jenny"), outcome=word, **fields)
    assert (answer.status, f"at most {most} characters" in Reading(answer.body.decode()).text) == (422, True)
    assert not touched(today.site)


def test_nothing_is_told_anywhere_else(today: Phone) -> None:
    for path in ("/healthz", "/metrics", "/feed/x.ics", "/", "/px/", "/healthz/p/"):
        assert today.site.ask(path, "POST", body="x=1", Content_Type=FORM).headers["allow"] == "GET, HEAD"
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        assert today.site.ask(today.at, method).headers["allow"] == "GET, HEAD, POST"


def test_a_script_that_found_the_address_is_slowed_down(today: Phone) -> None:
    statuses = [today.post("add", {}).status for _ in range(70)]
    assert statuses == [403] * 60 + [429] * 10
    assert today.post("add", {}).headers["retry-after"] == "5"
    today.site.seconds[0] += 2
    assert [today.post("add", {}).status for _ in range(3)] == [403, 403, 429]


def test_the_pace_is_of_each_page() -> None:
    seconds = [0.0]
    pace = Pace(lambda: seconds[0])
    assert [pace.wait("one") for _ in range(61)] == [0] * 60 + [1]
    assert pace.wait("other") == 0
    seconds[0] = 1000.0
    assert [pace.wait("one") for _ in range(61)] == [0] * 60 + [1]


def test_a_slow_form_holds_up_nobody(today: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_FIRST_WORD", 600.0)
    with today.site.connected() as slow:
        slow.sendall(f"POST {today.at}answer HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 100\r\n\r\n".encode())
        assert today.send(today.form("jenny"), outcome="done").status == 303


# -- texts stay texts

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def test_what_looks_like_a_tag_is_shown_as_it_was_typed(phone: Phone) -> None:
    room = phone.site.room
    texts = dict.fromkeys(("person", "role", "address", "notes", "source", "stage", "reason", "met <b>"), EVIL)
    ways = {"phone": f"{EVIL} 248.867.5309", "email": f"x@y.org{EVIL}", "url": "javascript:alert(1)"}
    room.capture(EVIL, id="evil", tags=(EVIL,), stakeholders=(Stakeholder(EVIL, EVIL, address=EVIL),), **texts, **ways)
    room.promise("evil", "call today 10:00 to ask <b>bold</b>")
    room.say("evil", Noted(room.now, "cli", f"{EVIL}\n</textarea></details>{EVIL}"))
    allowed = {
        "html",
        "head",
        "meta",
        "title",
        "link",
        "script",
        "body",
        "a",
        "p",
        "main",
        "div",
        "form",
        "input",
        "button",
        "nav",
        "ul",
        "li",
        "svg",
    }
    allowed |= {
        "path",
        "header",
        "h1",
        "h2",
        "h3",
        "h4",
        "article",
        "span",
        "bdi",
        "details",
        "summary",
        "fieldset",
        "legend",
        "label",
        "textarea",
    }
    allowed |= {"section", "dl", "dt", "dd", "strong", "br", "q"}
    for page in ("./", "week", "pipeline", "who?id=evil", f"pipeline?q={'%3Cscript%3E'}", f"./?said={'%3Cb%3E' * 5}"):
        seen = phone.look(page)
        tags = [tag for tag, _ in seen.tags]
        assert set(tags) <= allowed, page
        assert tags.count("script") == 1, page
        assert not [given for _, given in seen.tags if any(name.startswith("on") for name in given)], page
        assert not [href for href in seen.links if re.match(r"(?i)\s*(?:javascript|data|vbscript):", href)], page
        assert not [given for _, given in seen.tags if "style" in given], page
    told = Reading(phone.send(phone.form("evil"), outcome="next", next=EVIL, note=f"</textarea>{EVIL}").body.decode())
    assert (told.wrong, [tag for tag, _ in told.tags].count("script")) == ([], 1)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "x",
        ),
        *(
            "https://",
            "http:///x",
            "https://a\\@b",
            "https://[bad",
            "ftp://x.example/",
            "https://x.example/\x00",
            "https:\tx",
            "//evil.example/x",
        ),
    ],
)
def test_only_web_addresses_become_links(phone: Phone, url: str) -> None:
    assert not is_web(url)
    phone.site.room.capture("Jenny", url=url)
    phone.site.room.promise("jenny", "video today 10:00 to show it")
    for page in ("./", "who?id=jenny"):
        assert [link for link in phone.look(page).links if link.startswith(url.strip()[:6] or "x")] == []


def test_a_video_room_is_one(phone: Phone) -> None:
    phone.site.room.capture("Jenny", url="https://video.example.org/jenny?a=1&b=2")
    phone.site.room.promise("jenny", "video today 10:00 to show it")
    seen = phone.look()
    assert "https://video.example.org/jenny?a=1&b=2" in seen.links
    (given,) = (given for tag, given in seen.tags if tag == "a" and given.get("href", "").startswith("https://video"))
    assert given["rel"] == "noopener noreferrer"


@pytest.mark.parametrize("email", ["x@y.org?bcc=z@z.org", "x@y.org&subject=hi", "a b@y.org", "x@y.org\nBcc: z@z.org", "@", "none"])
def test_only_mail_addresses_become_links(phone: Phone, email: str) -> None:
    phone.site.room.capture("Jenny", email=email)
    phone.site.room.promise("jenny", "email today 10:00 to ask")
    assert [link for link in phone.look().links if link.startswith("mailto:")] == []


def test_several_people_at_once_each_have_their_link(phone: Phone) -> None:
    phone.site.room.capture("Jenny", phone="248.867.5309 / 248.867.5310", email="a+b@y.org, c@y.org")
    phone.site.room.promise("jenny", "call today 10:00 to ask")
    links = phone.look().links
    assert [link for link in links if link.startswith(("tel:", "mailto:"))] == [
        *("tel:+12488675309", "tel:+12488675310", "mailto:a+b@y.org", "mailto:c@y.org")
    ]


def test_where_a_form_leads_is_ours_to_say(today: Phone) -> None:
    form = today.form("jenny")
    for prospect, back in (("jenny\r\nX-Evil: 1", "who"), ("//evil.example", "who"), ("jenny", "//evil.example"), ("jenny", "who\r\nX: y")):
        answer = today.send(form, outcome="done", prospect=prospect, back=back)
        assert "x-evil" not in answer.headers
        assert answer.headers.get("location", "./?").startswith(("./?", "who?"))


_TEXTS = st.text(max_size=60)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(name=_TEXTS, note=_TEXTS, said=_TEXTS)
def test_any_text_makes_a_whole_page(today: Phone, name: str, note: str, said: str) -> None:
    """Bounded: 60 examples; each sends one form that changes nothing or notes something, and is taken back."""
    today.site.seconds[0] += 60
    answer = today.send(today.form("jenny"), outcome="next", next=said, note=note, prospect=name)
    assert answer.status in {303, 404, 422}
    if answer.status != 303:
        seen = Reading(answer.body.decode())
        assert seen.wrong == []
        assert [tag for tag, _ in seen.tags].count("script") == 1
    line = today.capture(name)
    assert line.status in {303, 422}
    if line.status == 303:
        (undo,) = (form for form in today.look(line.headers["location"]).forms if form.action == "undo")
        assert today.send(undo).status == 303


# -- what goes out


def test_every_answer_carries_what_keeps_it_safe(today: Phone) -> None:
    form = today.form("jenny")
    answers = [
        today.site.ask(today.at),
        today.site.ask(f"{today.at}who?id=jenny"),
        today.send(form, outcome="maybe"),
        today.send(form, outcome="done"),
    ]
    for one in answers[:3]:
        policy = one.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert "base-uri 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert one.headers["referrer-policy"] == "same-origin"
        assert one.headers["content-type"] == "text/html; charset=utf-8"
    for one in answers:
        assert one.headers["cache-control"] == "no-store"
        assert one.headers["x-content-type-options"] == "nosniff"
        assert one.headers["x-frame-options"] == "DENY"
        assert "set-cookie" not in one.headers
        assert "server" not in one.headers


def test_the_page_never_names_its_own_address(today: Phone) -> None:
    """So nothing that is compressed beside what others may have typed is worth guessing (BREACH)."""
    secret = today.at.split("/")[2]
    for page in ("", "week", "pipeline", "who?id=jenny", "add", "app.webmanifest"):
        assert secret.encode() not in today.site.ask(f"{today.at}{page}").body, page
    assert secret not in today.send(today.form("jenny"), outcome="done").headers["location"]


def test_nothing_that_is_written_down_tells_who_or_what(today: Phone) -> None:
    secret = today.at.split("/")[2]
    with capture_logs() as logs:
        today.look("who?id=jenny")
        today.tap("jenny", "done", note="blue")
        today.capture("Call Bob Friday 10am")
        today.site.ask(f"{today.at}never")
    assert [one["what"] for one in logs if one["event"] == "answered"] == ["p"] * len(logs)
    assert not [word for word in (secret, "jenny", "Jenny", "blue", "Bob") if word in str(logs)]


def test_the_first_page_is_small(today: Phone) -> None:
    room = today.site.room
    for number in range(11):
        room.capture(f"Diner {number}", phone=f"248.867.53{number:02}", notes="likes blue, and pays late")
        room.promise(f"diner-{number}", f"call today {11 + number // 2}:{number % 2 * 3}0 to go over the quote")
    answer = today.site.ask(today.at, Accept_Encoding="gzip")
    seen = Reading(gzip.decompress(answer.body).decode())
    assert len([form for form in seen.forms if form.action == "answer"]) == 12
    size = len(answer.body)
    for name in ("page.css", "page.js", "icon.svg"):
        found = today.site.ask(f"/p/static/{assets.assets()[name].name}", Accept_Encoding="gzip")
        assert found.headers["content-encoding"] == "gzip"
        size += len(found.body)
    assert size < 30_000
    hosts = [given.get("href", "") + given.get("src", "") for tag, given in seen.tags if tag in ("link", "script", "img", "iframe")]
    assert hosts
    assert not [one for one in hosts if "//" in one]


def test_what_does_not_change_is_asked_for_once(today: Phone) -> None:
    for one in assets.assets().values():
        path = f"/p/static/{one.name}"
        plain, packed = today.site.ask(path), today.site.ask(path, Accept_Encoding="gzip")
        assert gzip.decompress(packed.body) == plain.body == one.plain
        assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert plain.headers["etag"] != packed.headers["etag"]
        assert today.site.ask(path, If_None_Match=plain.headers["etag"]).status == 304
        assert today.site.ask(path, "HEAD").body == b""
        assert today.site.ask(path, If_None_Match='"other"').status == 200


def test_the_proxy_of_the_documentation_passes_on_the_longest_form() -> None:
    text = (Path(__file__).parents[2] / "docs/howto/page.md").read_text()
    found = re.search(r"client_max_body_size (\d+)k;", text)
    assert found
    assert int(found[1]) * 1024 >= forms.LONGEST_BODY
    assert f"{forms.LONGEST_BODY:,} bytes" in text
