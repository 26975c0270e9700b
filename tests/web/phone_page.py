"""A phone page as a browser without scripts sees it: what stands there, and forms that are sent as they were given."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin

from followsync import addresses
from followsync.store import Page
from tests.web.site import Answer, Site

FORM = "application/x-www-form-urlencoded"


@dataclass
class Form:
    """``fields``: name -> value as it stands there; ``buttons``: (name, value, label)."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


class Reading(HTMLParser):
    """The forms, links and words of a page; and every tag that was never closed or never opened."""

    _EMPTY = frozenset({"meta", "link", "input", "br", "img", "path", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.wrong: list[str] = []
        self._open: list[str] = []
        self._area: str | None = None
        self.feed(text)
        self.close()
        self.wrong += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag not in self._EMPTY:
            self._open.append(tag)
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        if self.forms and "form" in self._open and given.get("name"):
            form = self.forms[-1]
            if tag == "button":
                form.buttons.append((given["name"], given.get("value", ""), ""))
            elif tag == "textarea":
                self._area = given["name"]
                form.fields[self._area] = ""
            else:
                form.fields[given["name"]] = given.get("value", "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        if self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self.wrong.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if self._area and self.forms:
            self.forms[-1].fields[self._area] += data.removeprefix("\n")
        if data.strip():
            self.words.append(" ".join(data.split()))

    @property
    def text(self) -> str:
        return " ".join(self.words)


@dataclass
class Phone:
    """``at``: the path of the page, with its secret."""

    site: Site
    at: str

    def look(self, page: str = "./", status: int = 200) -> Reading:
        answer = self.site.ask(urljoin(self.at, page))
        assert answer.status == status, answer.body
        reading = Reading(answer.body.decode())
        assert reading.wrong == []
        return reading

    def forms(self, action: str = "answer", page: str = "./") -> list[Form]:
        return [form for form in self.look(page).forms if form.action == action]

    def form(self, who: str, page: str = "./") -> Form:
        """Of the only action of that prospect."""
        (form,) = (one for one in self.forms(page=page) if one.fields["prospect"] == who)
        return form

    def send(self, form: Form, /, **changes: str) -> Answer:
        """As it stands there, with what was typed and tapped."""
        return self.post(form.action, {**form.fields, **changes})

    def post(self, action: str, fields: dict[str, str], **headers: str) -> Answer:
        body = urlencode(fields)
        return self.site.ask(urljoin(self.at, action), "POST", body=body, **{"Content_Type": FORM, **headers})

    def tap(self, who: str, outcome: str, **typed: str) -> Reading:
        """Answer the action of that prospect; the page that follows."""
        answer = self.send(self.form(who), outcome=outcome, **typed)
        assert answer.status == 303, Reading(answer.body.decode()).text
        return self.look(answer.headers["location"])

    def capture(self, line: str) -> Answer:
        (form,) = self.forms("add", "add")
        return self.send(form, line=line)


def page_of(site: Site, name: str = "dana", rep: str = "dana") -> Phone:
    secret = addresses.secret()
    with site.room.store.writing() as tx:
        tx.add_page(Page(name, rep, addresses.digest(secret)))
    return Phone(site, f"/p/{secret}/")
