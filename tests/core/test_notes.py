"""Notes as web calendars write them, and what only looks like markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from followsync import ics
from followsync.core.edits import read_edit
from followsync.core.history import Noted
from followsync.core.item import Seen
from followsync.core.notes import plain_text
from followsync.core.ruler import RULER, block_of, our_block, with_rep_text
from tests.core.builders import row
from tests.core.test_edits import NOW, OURS, reader

ZONE = ZoneInfo("America/Detroit")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a < b",
        "> thu 2pm send quote",
        "<3",
        "5 > 3",
        "John <john@example.org>",
        "if a<b>c",
        "a<b and c>d",
        "R&D & co",
        "https://example.org/?a=1&lt=2&copy=3",
        "<thu> or <fri>",
        "</b> is no tag here",
        "line\nline\n\n  indented\r\nline",
        "-> <- => <=",
        "<style>is a word",
    ],
)
def test_text_that_is_no_html_comes_back(text: str) -> None:
    assert plain_text(text) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param("&gt; thu 2pm send quote", "> thu 2pm send quote", id="a sign typed in a web editor"),
        pytest.param("yes<br>she loved it", "yes\nshe loved it", id="br"),
        pytest.param("a<br/>b<BR />\nc<br>", "a\nb\nc", id="br, spelled otherwise"),
        pytest.param("<p>a</p>\n<p>b</p>\n", "a\nb", id="paragraphs, and the source's own lines"),
        pytest.param("<p>a</p><p></p><p><br></p><p>b</p>", "a\n\n\nb", id="empty paragraphs"),
        pytest.param("<div>a</div><div><br></div><div>b</div>", "a\n\nb", id="Outlook's empty line"),
        pytest.param("<div><div>a</div></div><div></div>b", "a\nb", id="boxes in boxes"),
        pytest.param("top<ul><li>one</li><li><b>two</b></li></ul>end", "top\n- one\n- two\nend", id="list"),
        pytest.param("<ol>\n  <li><p>one</p></li>\n  <li>two</li>\n</ol>\nend", "- one\n- two\nend", id="list of paragraphs"),
        pytest.param("<html-blob><u></u>no&nbsp;answer<br></html-blob>", "no answer", id="Google's wrapper"),
        pytest.param("<b>yes</b>", "yes", id="bold"),
        pytest.param('<span style="color: red">done</span>\n248.867.5309\n', "done\n248.867.5309\n", id="lines between"),
        pytest.param("it&#39;s &quot;fine&quot; &amp; dandy", 'it\'s "fine" & dandy', id="letters written as signs"),
        pytest.param("<p>\u200byes\ufeff</p>", "yes", id="zero-width blanks"),
        pytest.param('<a href="https://example.org/p?a=1&amp;b=2">the offer</a>', "the offer (https://example.org/p?a=1&b=2)", id="link"),
        pytest.param('<a href="https://example.org/">example.org</a>', "example.org", id="an address that became a link"),
        pytest.param(
            '<a href="https://www.google.com/url?q=https%3A%2F%2Fa.org%2Fx">https://a.org/x</a>', "https://a.org/x", id="redirect"
        ),
        pytest.param('<a href="mailto:jim@example.org">jim@example.org</a>', "jim@example.org", id="mail"),
        pytest.param('<a href="tel:+12488675309">248.867.5309</a>', "248.867.5309", id="phone"),
        pytest.param('<a href="javascript:go()">yes</a>', "yes", id="script link"),
        pytest.param('<a href="https://example.org"></a>', "https://example.org", id="a link without a text"),
        pytest.param("<style>p {x}</style><script>1 < 2</script><p>Hi</p><!-- <p>no</p> --><o:p></o:p>", "Hi", id="what nobody sees"),
        pytest.param("<p>Hi</p><style>yes", "Hi\nyes", id="a style that never ends hides nothing"),
        pytest.param("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc", id="table"),
        pytest.param("<p>a <john@example.org> b</p>", "a <john@example.org> b", id="an address in brackets"),
        pytest.param("a&#7;b&#27;[1m<br>c", "ab[1m\nc", id="no control characters"),
        pytest.param("&amp;gt; thu", "> thu", id="escaped twice"),
    ],
)
def test_html(body: str, text: str) -> None:
    assert plain_text(body) == text
    assert plain_text(text) == text


def test_what_no_editor_wrote_is_left_as_it_is() -> None:
    body = "&#60;b&#62;x&#60;/b&#62;"
    for _ in range(3):
        body = body.replace("#", "&#35;")
    assert plain_text(body) == "x"
    for _ in range(6):
        body = body.replace("#", "&#35;")
    assert plain_text(body) == body


PIECES = st.sampled_from(
    [
        "<b>",
        "</b>",
        "<br>",
        "<p>",
        "</p>",
        "<li>",
        "&amp;",
        "&lt;",
        "&gt;",
        "lt;",
        "&#38;",
        "#60;",
        "<!--",
        "-->",
        "\n",
        "a",
        "<style>",
        "amp;",
    ]
)


@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=14).map("".join)))
def test_read_again_it_is_the_same(body: str) -> None:
    assert plain_text(plain_text(body)) == plain_text(body)


@given(st.text(st.characters(exclude_characters="<&"), max_size=100))
def test_text_without_markup_is_unchanged(text: str) -> None:
    assert plain_text(text) == text


PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cf"], exclude_characters="\u00a0"), max_size=30)


@given(st.lists(st.one_of(PLAIN, st.sampled_from(["> thu 2pm", "a < b", "<3", "- one", "R&D", ""])), min_size=1, max_size=6))
def test_an_editor_that_writes_paragraphs_changes_nothing(lines: list[str]) -> None:
    text = "\n".join(lines)
    assume(plain_text(text) == text)
    assert plain_text("".join(f"<p>{escape(line) or '<br>'}</p>" for line in lines)) == text
    assert plain_text("\n".join(f"<div>{escape(line) or '<br>'}</div>" for line in lines)) == text
    assert plain_text("<br>".join(escape(line) for line in lines) + "<br>") == text


@pytest.mark.parametrize(
    "piece",
    [
        "<b>",
        "<p>",
        "<div><",
        "<ul><li>",
        "<br>",
        "<!--",
        "<!--x-->",
        "<a ",
        '<a href="',
        "<a href=x>",
        "<",
        "&",
        "&amp;",
        "&lt;b&gt;",
        "&amp;lt;",
    ],
)
def test_hostile_notes_come_to_an_end(piece: str) -> None:
    """100 kB of each; where a reader goes back for every piece, this takes hours."""
    body = "<br>" + piece * (100_000 // len(piece))
    text = plain_text(body)
    assert len(text) <= len(body)
    assert plain_text(text) == text


def test_tags_may_be_nested_as_deep_as_they_like() -> None:
    assert plain_text("<div>" * 20_000 + "x" + "</div>" * 20_000) == "x"


# --- in the calendar


def by_web(text: str) -> str:
    """What a web editor makes of plain notes: every line a paragraph, numbers and addresses links."""
    return "".join(f"<p>{escape(line) or '<br>'}</p>" for line in text.split("\n")).replace(
        "248.867.5309", '<a href="tel:+12488675309" target="_blank">248.867.5309</a>'
    )


def in_calendar(body: str, item: object = None) -> str:
    raw = ics.render(replace(OURS, body="BODY", block=block_of(OURS.body)), stamp=NOW)
    return raw.replace(
        "DESCRIPTION:BODY", "DESCRIPTION:" + body.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    )


@pytest.mark.parametrize("place", range(len(OURS.body.splitlines()) + 1))
def test_our_own_lines_are_found_wherever_something_was_typed(place: int) -> None:
    ours = OURS.body.splitlines()
    typed = "\n".join([*ours[:place], "he is in", "on Fridays", *ours[place:]])
    assert our_block(typed, block_of(OURS.body)) == "\n".join(line for line in ours if line.strip())


def test_without_our_marks_our_lines_are_those_from_our_first_one_on() -> None:
    body = with_rep_text("he is in", OURS.body)
    assert our_block(body, "", OURS.body) == "\n".join(line for line in OURS.body.splitlines() if line.strip())
    assert our_block(body, "") == body


def test_our_own_notes_turned_into_html_are_no_edit_and_still_ours() -> None:
    ours = with_rep_text("", OURS.body)
    item = ics.read(in_calendar(by_web(ours)), ZONE)
    assert our_block(item.body, item.block) == "\n".join(line for line in OURS.body.splitlines() if line.strip())
    standing = replace(row(OURS), agreed=OURS, ours=OURS)
    assert read_edit(standing, Seen(standing.href, "2", "raw", item), reader()).entries == ()


def test_what_the_rep_types_there_is_a_note_and_the_rest_still_ours() -> None:
    body = by_web(f"She <liked> it & more\n{RULER}\n{OURS.body}")
    item = ics.read(in_calendar(body), ZONE)
    standing = replace(row(OURS), agreed=OURS, ours=OURS)
    (note,) = read_edit(standing, Seen(standing.href, "2", "raw", item), reader()).entries
    assert isinstance(note, Noted)
    assert note.text == "She <liked> it & more"


def test_an_answer_typed_in_a_web_editor_is_read() -> None:
    item = ics.read(in_calendar(by_web(f"> thu 2pm send quote\n{OURS.body}")), ZONE)
    standing = replace(row(OURS), agreed=OURS, ours=OURS)
    told = read_edit(standing, Seen(standing.href, "2", "raw", item), reader()).entries
    assert [type(entry).__name__ for entry in told] == ["Touched", "Promised"]


def test_an_update_that_changes_no_notes_leaves_their_bytes_alone() -> None:
    raw = in_calendar(by_web(f"hello\n{RULER}\n{OURS.body}"))
    item = ics.read(raw, ZONE)
    again = ics.render(replace(item, title="Another title"), raw=raw, stamp=datetime(2026, 1, 9, tzinfo=ZONE))
    assert unfolded(again, "DESCRIPTION") == unfolded(raw, "DESCRIPTION")
    assert unfolded(again, "SUMMARY") == "SUMMARY:Another title"
    changed = ics.render(replace(item, body="new\nline"), raw=raw, stamp=NOW)
    assert unfolded(changed, "DESCRIPTION") == "DESCRIPTION:new\\nline"


def test_what_is_written_is_what_is_read_even_if_it_holds_markup() -> None:
    item = replace(OURS, body="prefers <b>bold</b> offers\nR&amp;D")
    assert ics.cleaned(item).body == ics.read(ics.render(item, stamp=NOW), ZONE).body == "prefers bold offers\nR&D"


def unfolded(raw: str, name: str) -> str:
    lines = raw.replace("\r\n ", "").splitlines()
    return next(line for line in lines if line.startswith(f"{name}:"))
