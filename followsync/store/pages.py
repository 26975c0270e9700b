"""The phone pages in the store: whose address is whose, and which of their forms were taken in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from followsync.store import codec, questions
from followsync.store.dialect import Session

KEPT = timedelta(days=14)  # how long a form that was taken in is remembered; longer than any form is good for


@dataclass(frozen=True, slots=True)
class Page:
    """``secret``: the SHA-256 (hexadecimal) of what its address holds; the address itself is nowhere."""

    name: str
    rep: str
    secret: str


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a page that was taken in: when, what the rep was told, about whom ("" where about nobody), and the ``batch`` of the
    change that it made (see ``Change``), "" where it made none that could be taken back."""

    token: str
    at: datetime
    said: str
    prospect: str = ""
    batch: str = ""


def pages(session: Session) -> list[Page]:
    """Those that were not removed, ordered by name."""
    return [Page(*row) for row in session.rows(questions.PAGES)]


def save(session: Session, page: Page) -> None:
    """Add, or replace the removed one of that name."""
    session.do(questions.FORGET_ALL_FORMS, [{"page": page.name}])
    session.do(questions.SAVE_PAGE, [{"name": page.name, "rep": page.rep, "secret": page.secret}])


def form(session: Session, page: str, token: str) -> Form | None:
    found = session.first(questions.FORM, page=page, token=token)
    if found is None:
        return None
    at, said, prospect, batch = found
    return Form(token, datetime.fromisoformat(at), said, prospect, batch)


def save_form(session: Session, page: str, taken: Form) -> None:
    """And forget those that nobody can send again."""
    session.do(questions.FORGET_FORMS, [{"page": page, "before": codec.utc_text(taken.at - KEPT)}])
    row = {"page": page, "token": taken.token, "at": codec.utc_text(taken.at), "said": taken.said}
    session.do(questions.SAVE_FORM, [{**row, "prospect": taken.prospect, "batch": taken.batch}])


def forget(session: Session, prospect: str) -> None:
    """What was told names somebody who is to be forgotten. That the form was taken in is still known."""
    session.do(questions.FORGET_WHO, [{"known": prospect}])
