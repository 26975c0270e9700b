"""The phone page in Chromium, as a rep's thumb meets it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from selenium.webdriver.common.alert import Alert
from selenium.webdriver.common.keys import Keys

from followsync.core.history import Noted, Promised, Result, Touched
from tests.browser.chromium import BROWSER, DRIVER, Window
from tests.machine.room import Room
from tests.web.phone_page import Phone, page_of

pytestmark = [
    pytest.mark.skipif(not (BROWSER and DRIVER), reason="chromium or its driver is missing (Debian: apt install chromium chromium-driver)"),
    pytest.mark.xdist_group("chromium"),
]
PAGES = ("", "week", "pipeline", "who?id=jenny", "who?id=summit", "add", "pipeline?q=zz")
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])


def touches(room: Room, who: str) -> list[Touched]:
    return [one for one in room.history(who) if isinstance(one, Touched)]


# -- what a thumb does


@SCRIPTS
def test_somebody_is_captured_in_one_tap_and_one_line(window: Window, phone: Phone, url: str, scripts: bool) -> None:
    window.open(url, scripts=scripts)
    window.tap("nav a[href='add']")
    window.wait("h1", "Capture")
    assert window.ask("return document.activeElement.id") == "line", "nothing has to be tapped before typing"
    window.type("#line", "Call Bob Miller 248.555.0199 Thursday 2pm to sign" + Keys.ENTER)
    assert "Next: Call Bob Miller to sign" in window.said("Captured Bob Miller. Agreed: Thu 2026-01-08, 14:00.").text
    assert window.one("#line").get_attribute("value") == ""
    assert isinstance(phone.site.room.history("bob-miller")[-1], Promised)
    assert window.complaints() == []


@SCRIPTS
@pytest.mark.parametrize(
    ("outcome", "result"),
    [("yes", Result.YES), ("done", Result.DONE), ("no-answer", Result.ATTEMPT), ("left-message", Result.ATTEMPT), ("no", Result.NO)],
)
def test_one_tap_says_how_it_ended(window: Window, phone: Phone, url: str, outcome: str, result: Result, scripts: bool) -> None:
    window.open(url, scripts=scripts)
    window.tap(f"button[value='{outcome}']", window.card("Jenny"))
    if outcome == "no" and scripts:
        Alert(window.driver).accept()
    window.said("Jenny Ray: ")
    assert [one.result for one in touches(phone.site.room, "jenny")] == [result]
    assert len(window.all("article")) == (4 if result is Result.DONE else 3), "what is next is to be decided today"
    assert window.complaints() == []


def test_a_no_that_was_not_meant_is_none(window: Window, phone: Phone, url: str) -> None:
    window.open(url)
    window.tap("button[value='no']", window.card("Jenny"))
    question = Alert(window.driver)
    assert question.text == "Close Jenny Ray with no?"
    question.dismiss()
    assert touches(phone.site.room, "jenny") == []
    window.tap("button[value='done']", window.card("Jenny"))
    window.said("Jenny Ray: done.")


@SCRIPTS
def test_what_is_next_is_one_line_and_a_note(window: Window, phone: Phone, url: str, scripts: bool) -> None:
    window.open(url, scripts=scripts)
    window.tap("details.next summary", window.card("Jenny"))
    window.type("textarea", "she wants the long one", window.card("Jenny"))
    window.type("input[name=next]", "thu pm send quote" + Keys.ENTER, window.card("Jenny"))
    window.said("Jenny Ray: next step agreed. Next: Email Jenny Ray to send quote")
    (touch,) = touches(phone.site.room, "jenny")
    assert (touch.result, touch.note) == (Result.NEXT, "thu pm send quote\nshe wants the long one")


@SCRIPTS
def test_what_was_not_understood_comes_back(window: Window, phone: Phone, url: str, scripts: bool) -> None:
    window.open(url, scripts=scripts)
    window.tap("details.next summary", window.card("Jenny"))
    window.type("textarea", "one\ntwo", window.card("Jenny"))
    window.type("input[name=next]", "sometime", window.card("Jenny"))
    window.tap("details.next button", window.card("Jenny"))
    window.said("'sometime' names no day.")
    assert window.card("Jenny").find_element("css selector", "textarea").get_attribute("value").split() == ["one", "two"]
    window.type("input[name=next]", "fri 10am", window.card("Jenny"))
    window.tap("details.next button", window.card("Jenny"))
    window.said("next step agreed")
    assert len(touches(phone.site.room, "jenny")) == 1


@SCRIPTS
def test_the_last_tap_is_taken_back(window: Window, phone: Phone, url: str, scripts: bool) -> None:
    window.open(url, scripts=scripts)
    window.tap("button[value='yes']", window.card("Joe"))
    window.tap("button", window.said("Joe's Diner: yes."))
    window.said("Taken back: Joe's Diner: yes.")
    assert touches(phone.site.room, "joe") == []
    assert len(window.all("article")) == 4


def test_a_thumb_that_taps_twice_tells_once(window: Window, phone: Phone, url: str) -> None:
    window.open(url)
    window.ask("const b = arguments[0].querySelector('button[value=done]'); b.click(); b.click(); b.click()", window.card("Jenny"))
    window.said("Jenny Ray: done.")
    assert window.ask("return performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/answer')).length") == 1
    assert len(touches(phone.site.room, "jenny")) == 1


def test_going_back_and_tapping_again_tells_once(window: Window, phone: Phone, url: str) -> None:
    """Without scripts the page of before is shown as it was, with the form of before."""
    window.open(url, scripts=False)
    before = window.card("Jenny").find_element("css selector", "input[name=form]").get_attribute("value")
    window.tap("button[value='no-answer']", window.card("Jenny"))
    window.said("Jenny Ray: no answer.")
    window.driver.back()
    window.wait("h1", "Today")
    phone.post("answer", {"form": before, "prospect": "jenny", "action": "x", "outcome": "yes"})
    assert [one.result for one in touches(phone.site.room, "jenny")] == [Result.ATTEMPT]


def test_what_cannot_be_sent_is_kept_and_sent_later(window: Window, phone: Phone, url: str) -> None:
    window.open(url)
    window.online(False)
    window.tap("button[value='done']", window.card("Jenny"))
    window.wait("#net", "there is no connection")
    assert touches(phone.site.room, "jenny") == []
    window.online(True)
    window.said("Jenny Ray: done.")
    assert len(touches(phone.site.room, "jenny")) == 1
    assert not window.one("#net").is_displayed()


def test_what_is_being_typed_elsewhere_outlives_the_answer_to_an_earlier_tap(window: Window, phone: Phone, url: str) -> None:
    window.open(url)
    window.online(False)
    window.tap("button[value='done']", window.card("Jenny"))
    window.wait("#net", "there is no connection")
    joe, acme = window.card("Joe"), window.card("new version")
    window.tap("details.next summary", acme)
    window.type("input[name=next]", "thu 2pm", acme)
    window.tap("details.next summary", joe)
    window.type("textarea", "sign after 15 March", joe)
    area = joe.find_element("css selector", "textarea")
    window.ask("arguments[0].setSelectionRange(5, 10)", area)
    window.ask("window.blurred = 0; arguments[0].addEventListener('blur', () => { window.blurred += 1; })", area)
    before = window.ask("return arguments[0].getBoundingClientRect().top", area)
    window.online(True)
    window.said("Jenny Ray: done.")
    where = "return [document.activeElement === arguments[0], arguments[0].selectionStart, arguments[0].selectionEnd, window.blurred]"
    assert window.ask(where, area) == [True, 5, 10, 0], "not even for a moment: a phone's keyboard would go"
    assert abs(window.ask("return arguments[0].getBoundingClientRect().top", area) - before) < 2, "it stands still under the thumb"
    area.send_keys("before")
    assert area.get_attribute("value") == "sign before 15 March"
    assert acme.find_element("css selector", "input[name=next]").get_attribute("value") == "thu 2pm"
    window.tap("button[value='done']", joe)
    window.said("Joe's Diner: done.")
    assert [one.note for one in touches(phone.site.room, "joe")] == ["sign before 15 March"]
    window.tap("details.next button", acme)
    window.said("Acme: next step agreed.")


def test_the_next_line_is_not_lost_while_the_first_is_sent(window: Window, phone: Phone, url: str) -> None:
    window.open(f"{url}add")
    window.online(False)
    window.type("#line", "Call Bob Miller 248.555.0199 Thursday 2pm to sign" + Keys.ENTER)
    window.wait("#net", "there is no connection")
    window.type("#line", "Visit Ann's Books Friday 10am to meet the owner")
    window.online(True)
    window.said("Captured Bob Miller.")
    assert window.one("#line").get_attribute("value") == "Visit Ann's Books Friday 10am to meet the owner"
    window.one("#line").send_keys(Keys.ENTER)
    window.said("Captured Ann's Books.")
    assert window.one("#line").get_attribute("value") == ""
    window.type("#line", "Call Zoe")
    window.tap("button", window.one("#told"))
    window.wait("h1", "Today")
    window.said("Taken back")
    assert window.one("#line").get_attribute("value") == "Call Zoe"


def test_each_line_is_kept_while_there_is_no_connection(window: Window, phone: Phone, url: str) -> None:
    """The second is not understood; it comes back to be mended while the third is sent."""
    refused = "Friday 10am"
    window.open(f"{url}add")
    window.online(False)
    window.type("#line", "Call Bob Miller 248.555.0199 Thursday 2pm to sign" + Keys.ENTER)
    window.wait("#net", "there is no connection")
    window.one("#line").send_keys(Keys.ENTER)  # a thumb that taps twice
    for number, line in enumerate((refused, "Visit Ann's Books Friday 10am to meet the owner"), 2):
        window.type("#line", line + Keys.ENTER)
        window.wait("#net", f"({number})")
    assert window.ask("return !window.dispatchEvent(new Event('beforeunload', {cancelable: true}))"), "it asks before what waits is lost"
    window.online(True)
    window.said("Captured Ann's Books.")
    assert not window.one("#net").is_displayed()
    assert window.one("#line").get_attribute("value") == refused
    window.type("#line", "Call Zoe Hart Friday 11am to sign" + Keys.ENTER)
    window.said("Captured Zoe Hart.")
    for who in ("bob-miller", "anns-books", "zoe-hart"):
        assert len([one for one in phone.site.room.history(who) if isinstance(one, Promised)]) == 1, "each once"


def test_each_answer_that_was_kept_is_taken_on_its_own(window: Window, phone: Phone, url: str) -> None:
    window.open(url)
    window.online(False)
    joe = window.card("Joe")
    window.tap("details.next summary", joe)
    window.type("textarea", "needs two ovens", joe)
    window.type("input[name=next]", "sometime soon", joe)
    window.tap("details.next button", joe)
    window.wait("#net", "there is no connection")
    window.tap("button[value='done']", window.card("Jenny"))
    window.wait("#net", "(2)")
    window.tap("button[value='no-answer']", window.card("new version"))
    window.wait("#net", "(3)")
    window.online(True)
    window.said("Acme: no answer.")
    assert [one.result for one in touches(phone.site.room, "jenny")] == [Result.DONE]
    assert [one.result for one in touches(phone.site.room, "acme")] == [Result.ATTEMPT]
    assert touches(phone.site.room, "joe") == []
    window.wait(".told.wrong", "'sometime soon' names no day.")
    joe = window.card("Joe")
    assert joe.find_element("css selector", "textarea").get_attribute("value") == "needs two ovens"
    window.tap(".told.wrong a")
    window.type("input[name=next]", "fri 10am", joe)
    window.tap("details.next button", joe)
    window.said("Joe's Diner: next step agreed.")
    assert window.all(".told.wrong") == []
    assert not window.one("#net").is_displayed()
    assert [one.note for one in touches(phone.site.room, "joe")] == ["fri 10am\nneeds two ovens"]


@SCRIPTS
@pytest.mark.parametrize("outcome", ["no-answer", "no"])
def test_what_was_typed_about_what_was_answered_meanwhile_comes_back(
    window: Window, phone: Phone, url: str, scripts: bool, outcome: str
) -> None:
    window.open(url, scripts=scripts)
    window.tap("details.next summary", window.card("Jenny"))
    window.type("textarea", "her husband is Tom 555-1234", window.card("Jenny"))
    page_of(phone.site, "other").tap("jenny", outcome)
    window.tap("button[value='done']", window.card("Jenny"))
    window.said("Nothing was written down")
    window.tap("#told a")
    window.tap("button[value='note']", window.wait(".card", "Jenny"))
    window.said("Jenny Ray: noted.")
    assert [one.text for one in phone.site.room.history("jenny") if isinstance(one, Noted)] == ["her husband is Tom 555-1234"]
    assert len(touches(phone.site.room, "jenny")) == 1


def test_what_was_typed_into_a_card_that_is_gone_stays_until_it_is_sent(window: Window, phone: Phone, url: str) -> None:
    """Jenny is closed on another phone while this one tells of Joe."""
    window.open(url)
    window.tap("details.next summary", window.card("Jenny"))
    window.type("textarea", "her husband is Tom", window.card("Jenny"))
    page_of(phone.site, "other").tap("jenny", "no")
    window.tap("button[value='done']", window.card("Joe"))
    window.said("Joe's Diner: done.")
    window.tap("button[value='done']", window.card("Jenny"))
    window.said("Jenny Ray was closed with no meanwhile.")
    window.tap("button[value='note']")
    window.said("Jenny Ray: noted.")
    assert window.all("textarea[id^=kept]") == []


def test_one_prospect_is_a_tap_away_and_answered_there(window: Window, phone: Phone, url: str) -> None:
    window.open(url)
    window.tap("h2 a", window.card("Jenny"))
    window.wait("h1", "Jenny Ray")
    assert [one.get_attribute("href") for one in window.all(".links a")][:2] == ["tel:+12488675309", "mailto:jenny@example.org"]
    window.tap("button[value='left-message']")
    window.said("Jenny Ray: left message.")
    assert window.one("h1").text == "Jenny Ray"
    assert window.complaints() == []


# -- hostile text


def test_what_was_typed_is_never_run(window: Window, phone: Phone, url: str) -> None:
    evil = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
    room = phone.site.room
    room.capture(evil, id="evil", person=evil, notes=evil, address=evil, url="javascript:document.title='run'", **{"met": evil})
    room.promise("evil", "call today 15:00 to ask")
    for page in ("", "week", "pipeline", "who?id=evil", f"pipeline?q={'%3Cscript%3Edocument.title=1%3C/script%3E'}"):
        window.open(url + page)
        assert "Follow-ups" in window.driver.title, page
        assert window.all("main script, main img, [onerror], a[href^=javascript]") == [], page
    window.open(f"{url}add")
    window.type("#line", f"{evil} Friday" + Keys.ENTER)
    window.wait("#told")
    assert "Follow-ups" in window.driver.title
    assert window.complaints() == []


def test_a_script_in_the_page_would_not_run_either(window: Window, url: str) -> None:
    """The policy is the second wall behind the escaping."""
    window.open(url)
    window.ask("const s = document.createElement('script'); s.textContent = \"document.title = 'run'\"; document.body.append(s)")
    window.ask("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=1\"><b style=\"color:red\">x</b>')")
    assert "Follow-ups" in window.driver.title
    assert any("Content Security Policy" in one for one in window.complaints())


# -- for every eye and thumb


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_word_can_be_read(window: Window, url: str, page: str, dark: bool) -> None:
    window.open(url + page, dark=dark)
    for one in window.all("details:not([open]) > summary"):
        window.ask("arguments[0].parentElement.open = true", one)
    faint: list[Any] = window.ask(_CONTRAST, 4.5)
    assert faint == []
    background = window.ask("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, background[4:-1].split(","))) < 150) is dark


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [320, 360, 768])
def test_it_fits_and_a_thumb_finds_everything(window: Window, url: str, page: str, width: int) -> None:
    window.open(url + page, width=width)
    for one in window.all("details:not([open]) > summary"):
        window.ask("arguments[0].parentElement.open = true", one)
    assert window.ask("return [document.documentElement.clientWidth, document.documentElement.scrollWidth]") == [width, width]
    assert window.ask(_SMALL, 44) == []


@pytest.mark.parametrize("page", PAGES)
def test_everything_has_a_name(window: Window, url: str, page: str) -> None:
    window.open(url + page)
    assert window.ask("return document.documentElement.lang") == "en"
    assert window.ask(_NAMELESS) == []
    assert len(window.all("h1")) == 1
    levels = window.ask("return [...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    assert window.complaints() == []


def test_keys_alone_are_enough_and_seen(window: Window, phone: Phone, url: str) -> None:
    window.open(url)
    seen = []
    for _ in range(12):
        window.driver.switch_to.active_element.send_keys(Keys.TAB)
        shown = "const a = document.activeElement; return [a.textContent.trim(), getComputedStyle(a).outlineStyle, a.tabIndex]"
        seen.append(window.ask(shown))
    assert seen[0][0] == "To the follow-ups"
    assert {outline for _, outline, _ in seen} == {"solid"}
    names = [name for name, _, _ in seen]
    assert names.index("Yes") < names.index("No") < names.index("Done")
    assert "Agree what is next" not in names[: names.index("Yes")], "what only the Enter key presses is passed over"
    window.ask("arguments[0].querySelector('button[value=done]').focus()", window.card("Jenny"))
    window.driver.switch_to.active_element.send_keys(Keys.ENTER)
    window.said("Jenny Ray: done.")
    assert [one.result for one in touches(phone.site.room, "jenny")] == [Result.DONE]


_CONTRAST = """
const least = arguments[0];
const parse = (text) => { const m = text.match(/[\\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1]; };
const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
const light = (c) => c.slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const behind = (el) => {
  const layers = [];
  for (let one = el; one; one = one.parentElement) layers.push(parse(getComputedStyle(one).backgroundColor));
  return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
};
const faint = [];
const check = (el, colour, words) => {
  const back = behind(el), front = over(parse(colour), back);
  const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < least) faint.push([words.slice(0, 40), ratio.toFixed(2), colour]);
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let checked = 0;
while (walker.nextNode()) {
  const el = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !el.getClientRects().length || el.closest('.unseen, .skip, script')) continue;
  checked += 1;
  check(el, getComputedStyle(el).color, walker.currentNode.data.trim());
}
for (const el of document.querySelectorAll('input:not([type=hidden]), textarea')) {
  check(el, getComputedStyle(el, '::placeholder').color, 'placeholder');
  check(el, getComputedStyle(el).color, 'typed');
}
if (checked < 5) faint.push(['nothing was checked', checked]);
return faint;
"""

_SMALL = """
const least = arguments[0];
return [...document.querySelectorAll('a, button, input:not([type=hidden]), textarea, summary')]
  .filter((el) => !el.matches('.unseen, .skip') && el.getClientRects().length)
  .map((el) => [el.tagName, el.textContent.trim().slice(0, 30), el.getBoundingClientRect()])
  .filter(([, , r]) => r.width < least || r.height < least || r.left < 0 || r.right > innerWidth)
  .map(([tag, words, r]) => [tag, words, Math.round(r.width), Math.round(r.height), Math.round(r.left)]);
"""

_NAMELESS = """
const bad = [];
for (const el of document.querySelectorAll('input:not([type=hidden]), textarea'))
  if (!el.labels.length || !el.labels[0].textContent.trim()) bad.push(el.outerHTML);
for (const el of document.querySelectorAll('a, button, summary, legend, label')) if (!el.textContent.trim()) bad.push(el.outerHTML);
for (const el of document.querySelectorAll('svg')) if (el.getAttribute('aria-hidden') !== 'true') bad.push(el.outerHTML);
for (const el of document.querySelectorAll('[aria-labelledby], [aria-describedby]'))
  for (const name of ['aria-labelledby', 'aria-describedby'])
    if (el.hasAttribute(name) && !document.getElementById(el.getAttribute(name))?.textContent.trim()) bad.push(el.outerHTML);
const ids = [...document.querySelectorAll('[id]')].map((el) => el.id);
bad.push(...ids.filter((id, at) => ids.indexOf(id) !== at));
return bad;
"""
