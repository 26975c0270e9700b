"""What a rep tells through the phone page. Each form counts once, however often it arrives: what was told, and that it was, are one
transaction. What cannot be taken in changes nothing, and comes back as it was typed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from followsync import answering, capturing, log
from followsync.answering import Answer
from followsync.core.history import Noted, Result
from followsync.errors import StoreError, UsageError
from followsync.store import Form, Transaction
from followsync.vitals import Inside
from followsync.web import forms
from followsync.web.giving_back import Back, GivingBack, Refused
from followsync.web.pace import Pace
from followsync.web.page import Pages, Typed, can_be_taken_back
from followsync.web.visit import Here, Visits

_PATIENCE = 5.0  # seconds that taking back waits for a sync that is under way
_SIGNS = ">›» "  # before what is next, as in a calendar
_LABEL = "page"  # what ``undo`` calls a change that came this way
_NOTE = "note"  # no outcome: what was typed is kept, whatever became of the follow-up
_WORDS = {
    "yes": "yes",
    "no": "no",
    "done": "done",
    "no-answer": "no answer",
    "left-message": "left message",
    "next": "next step agreed",
    "waiting": "waiting on them",
}
_OLD = "This page had been open for too long, or its address was changed. Nothing was written down: send it again from here."
_STALE = "This was answered meanwhile, or has changed. Nothing was written down; here is how it stands now."


class Taking:
    """Each of ``answer``, ``line`` and ``undo`` answers a POST."""

    def __init__(self, inside: Inside, visits: Visits, pages: Pages) -> None:
        self._store = inside.store
        self._visits = visits
        self._back = GivingBack(inside.store, visits, pages)
        self._pace = Pace(inside.vitals.elapsed)

    async def answer(self, request: Request) -> Response:
        """How a follow-up ended."""
        return await run_in_threadpool(self._take_answer, request, await forms.fields(request))

    async def line(self, request: Request) -> Response:
        """A line to capture."""
        return await run_in_threadpool(self._take_line, request, await forms.fields(request))

    async def undo(self, request: Request) -> Response:
        """The last change, where that came through this page, is taken back."""
        return await run_in_threadpool(self._take_back, request, await forms.fields(request))

    def _checked(self, request: Request, sent: Mapping[str, str]) -> str:
        """What the form is known by. Raises HTTPException 404 and 403; Refused where it is too old, too long, or one of too many."""
        with self._store.reading() as tx:
            here = self._visits.here(tx, request)
        if not forms.is_from_us(request, here.public):
            raise HTTPException(403)
        if wait := self._pace.wait(here.page.name):
            raise Refused(429, f"That were very many at once. Nothing was written down: try again in {wait} seconds.")
        nonce = here.tokens.nonce(sent.get("form", ""))
        if nonce is None:
            raise Refused(403, _OLD)
        for name in forms.LONGEST:
            most = forms.LONGEST_NOTE if name == "note" and sent.get("outcome") == _NOTE else None
            if fit := forms.too_long(name, sent.get(name, ""), most):
                raise Refused(422, f"That is too long: at most {fit} characters fit there. Nothing was written down.")
        return nonce

    # -- how a follow-up ended

    def _take_answer(self, request: Request, sent: Mapping[str, str]) -> Response:
        prospect, note = sent.get("prospect", ""), tuple(forms.text(sent.get("note", "")).split("\n"))
        where = "who" if sent.get("back") == "who" else "today"
        try:
            nonce = self._checked(request, sent)
            answer = _noted(sent) if sent.get("outcome") == _NOTE else _answer(sent)
            with self._store.reading() as tx:  # worked out before the store is held for writing
                self._visits.picture(tx, self._visits.here(tx, request))
            with self._store.writing(_LABEL, news=True) as tx:
                here = self._visits.here(tx, request)
                if tx.form(here.page.name, nonce) is None:
                    said = self._answered(tx, here, prospect, sent.get("action", ""), answer)
                    tx.take_form(here.page.name, Form(nonce, here.now, said, prospect, tx.batch))
        except (Refused, UsageError, StoreError) as refusal:
            typed = Typed(sent.get("action", ""), forms.line(sent.get("next", "")), note)
            return self._back.answer(request, refusal, Back(where, prospect, typed))
        return _see(f"who?{urlencode({'id': prospect, 'said': nonce})}" if where == "who" else f"./?{urlencode({'said': nonce})}")

    def _answered(self, tx: Transaction, here: Here, prospect: str, action: str, answer: Answer | str) -> str:
        """Write it down, or the note alone; answers what to say. Raises Refused where there is nothing of the kind to answer any more."""
        found = here.theirs(tx, prospect)
        if found is None:
            raise Refused(404, "Nobody of that name is in the pipeline any more. Nothing was written down.")
        if isinstance(answer, str):
            tx.append(prospect, Noted(here.now, here.occasion.via, answer))
            return f"{found.name}: noted."
        if outcome := tx.outcome(prospect):
            raise Refused(409, f"{found.name} was closed with {outcome} meanwhile. Nothing was written down.")
        waiting = self._visits.picture(tx, here).by_prospect.get(prospect, ())
        placed = next((one for one in waiting if one.action.id == action), None)
        if placed is None:
            raise Refused(409, f"{found.name}: {_STALE}")
        answering.take(tx, found, placed, answer, here.occasion)
        closed = " Closed; the history stays." if answer.result in (Result.YES, Result.NO) else ""
        return f"{found.name}: {_WORDS[answer.word]}.{closed}"

    # -- a line

    def _take_line(self, request: Request, sent: Mapping[str, str]) -> Response:
        line = forms.line(sent.get("line", ""))
        try:
            nonce = self._checked(request, sent)
            with self._store.writing(_LABEL, news=True) as tx:
                here = self._visits.here(tx, request)
                if tx.form(here.page.name, nonce) is None:
                    taken = capturing.take_in(tx, capturing.read(line, here.occasion), here.occasion)
                    tx.take_form(here.page.name, Form(nonce, here.now, _captured(taken), taken.prospect.id, tx.batch))
        except (Refused, UsageError, StoreError) as refusal:
            return self._back.answer(request, refusal, Back("add", typed=Typed(line=line)))
        return _see(f"add?{urlencode({'said': nonce})}")

    # -- taking back

    def _take_back(self, request: Request, sent: Mapping[str, str]) -> Response:
        of = forms.nonce_in(sent.get("of", ""))
        try:
            nonce = self._checked(request, sent)
            with ExitStack() as held:
                self._hold(held, request)
                tx = held.enter_context(self._store.writing(_LABEL, news=True))
                here = self._visits.here(tx, request)
                if tx.form(here.page.name, nonce) is None:
                    tx.take_form(here.page.name, _taken_back(tx, here, of, nonce))
        except (Refused, UsageError, StoreError) as refusal:
            return self._back.answer(request, refusal, Back("today"))
        return _see(f"./?{urlencode({'said': nonce})}")

    def _hold(self, held: ExitStack, request: Request) -> None:
        """A cycle that is under way would go on with what is being taken back."""
        with self._store.reading() as tx:
            rep = self._visits.here(tx, request).page.rep
        try:
            held.enter_context(self._store.cycle(rep, wait=_PATIENCE))
        except StoreError as error:
            log.events().info("nothing was taken back while a sync ran", rep=rep, failure=error)
            raise Refused(409, "A sync is under way at this moment. Nothing was changed: tap Undo again in a little while.") from None


def _see(where: str) -> Response:
    """To a page to be looked at, so that loading it again sends nothing."""
    return Response(status_code=303, headers={"Location": where, "Cache-Control": "no-store"})


def _answer(sent: Mapping[str, str]) -> Answer:
    """Raises Refused for a word that is no outcome, and where a next step stands beside another outcome: nobody knows which was meant."""
    word, note = sent.get("outcome", ""), forms.text(sent.get("note", ""))
    agreed = forms.line(sent.get("next", "")).lstrip(_SIGNS)
    if word not in _WORDS:
        raise Refused(422, "Say how it ended: yes, no, done, no answer, left message, or what is next.")
    if word != "next" and agreed:
        raise Refused(422, f"A next step is written there too. Agree it, or empty that line and say '{_WORDS[word]}' again.")
    said, _, rest = agreed.partition(" ")
    if word == "next" and said.lower() == answering.WAITING:
        return Answer(answering.WAITING, rest, note)
    return Answer(word, agreed, note)


def _noted(sent: Mapping[str, str]) -> str:
    said = "\n".join(filter(None, (forms.line(sent.get("next", "")), forms.text(sent.get("note", "")))))
    if not said:
        raise Refused(422, "There is nothing to keep: type the note first.")
    return said


def _captured(taken: capturing.Taken) -> str:
    name, line = taken.prospect.name, taken.line
    match taken.before:
        case "":
            who = f"Captured {name}."
        case "open":
            who = f"{name} is known: a new promise."
        case outcome:
            who = f"{name} was closed with {outcome}, and is open again."
    if line.closes:
        return f"{who} Closed with no; the history stays."
    if line.when:
        return f"{who} Agreed: {line.when.text}."
    return f"{who} It does not say {' and '.join(line.missing)} yet." if line.missing else who


def _taken_back(tx: Transaction, here: Here, of: str, nonce: str) -> Form:
    taken = tx.form(here.page.name, of) if of else None
    change = tx.last_change(here.page.rep)
    if taken is None or change is None or not can_be_taken_back(tx, here, taken):
        raise Refused(409, "Something else was changed since, so this can no longer be taken back here. Nothing was changed.")
    tx.take_back(change)
    stays = bool(taken.prospect) and tx.prospect(taken.prospect) is not None
    return Form(nonce, here.now, f"Taken back: {taken.said}" if stays else "Taken back.", taken.prospect if stays else "")
