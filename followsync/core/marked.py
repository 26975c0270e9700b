"""Where a mark stands, as it was typed: in a line of the notes, or before a title; and which lines around it deny it (see marks.py).

On a question ("drop, or when?") ``drop`` is NO, and ``Thursday 2pm``, alone or before what is to be done, is Next.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from followsync.core.history import Result
from followsync.core.letters import bare, plain_letters
from followsync.core.marks import Answer, Doubt, Mark, Next, Wait, agreement_in, mark_of
from followsync.core.marktails import (
    DELIVERED,
    LATER,
    NOT_REACHED,
    NOT_THIS,
    OF_A_NAME,
    OPEN,
    PERHAPS,
    SHAKY,
    SIGNS,
    THEIR_DEED,
    THEN,
    TO_US,
    TOLD_OF_ANOTHER,
    WAITED,
    closes,
    contradicts,
)
from followsync.core.markwords import (
    DASHED,
    DASHED_BEHIND,
    DROPS,
    EDGES,
    LONG_DASHES,
    LONGEST,
    NEXT,
    PAST,
    RESULTS,
    STARTS_WITH_TIME,
    STARTS_WITH_VERB,
    TELLS,
    TICKS,
    TIME,
    TOLD,
    UNTIL,
    WHEN,
)

_BETWEEN = f" \t-{LONG_DASHES}:|"  # what the rep puts between the answer and our title


def mark_of_line(line: str, *, asked: bool = False) -> Mark | None:
    """The mark that a line of notes is, or None. ``asked``: it stands on a question ("drop, or when?"), which takes its own words too:
    ``drop``, and a day with its hour (``Thursday 2pm``, and what to do)."""
    typed = unicodedata.normalize("NFC", line)
    whole, at = plain_letters(typed)
    plain, places = _with_dash_parted(typed, whole, at)
    if plain == whole and (doubt := _hyphened(plain)):
        return _as_typed(doubt, typed, plain, places)
    return _as_typed(_believed(mark_of(plain) or (_to_question(plain) if asked else None), plain), typed, plain, places)


def agreement_of_line(line: str) -> Next | Wait | Doubt | None:
    """The agreement that a line is from its first letter on: ``> …``, ``next: …``, ``waiting until …``, or the doubt about one. "Waiting
    for her boss", below other text, is text."""
    plain, _ = plain_letters(unicodedata.normalize("NFC", line))
    if not (NEXT.fullmatch(plain) or UNTIL.match(plain)):
        return None
    mark = mark_of_line(line)
    return None if isinstance(mark, Answer) else mark


def denies(line: str, answer: Answer, *, below: bool = False) -> bool:
    """Whether another line of the notes says that a YES or a NO is none: "bought from Acme" below a yes, "signed today" below a no.
    ``below``: it stands right below it, where a condition, a wish, and what is still to be done leave it open too."""
    if answer.result not in (Result.YES, Result.NO) or len(line) > LONGEST:
        return False
    plain, _ = plain_letters(unicodedata.normalize("NFC", line))
    other = mark_of(plain)
    against = isinstance(other, Answer) and other.result in (Result.YES, Result.NO) and other.result is not answer.result
    return against or contradicts(answer.result, plain, bare(plain)) or (below and _leaves_open(answer.result, plain, other))


def _leaves_open(result: Result, plain: str, other: Mark | None) -> bool:
    """Behind a yes it may be told when it is delivered; behind a no, nothing is to come any more, and whoever was not reached said none."""
    line = plain.strip(EDGES)
    if OPEN.match(line) or PERHAPS.search(line) or "?" in line:
        return True
    coming = NOT_THIS.sub(" ", PAST.sub(" ", line))
    if result is Result.YES:
        return bool(not DELIVERED.match(line) and (agreement_in(line) or STARTS_WITH_TIME.match(coming)))
    tried = isinstance(other, Answer) and other.result is Result.ATTEMPT
    return bool(tried or TIME.search(coming) or LATER.search(coming) or NOT_REACHED.search(line) or STARTS_WITH_VERB.match(line))


def mark_of_title(title: str, known: tuple[str, ...], *, asked: bool = False) -> Mark | None:
    """The mark before a title that we wrote (``known``: the titles it may have had), or None where the title is the rep's own. The title
    of a question (``asked``) begins with a name, and the answer may stand behind that: ``Jenny: Thu 2pm``."""
    typed = unicodedata.normalize("NFC", title)
    plain, places = plain_letters(typed)
    titles = {own for one in known if (own := plain_letters(unicodedata.normalize("NFC", one))[0])}
    if plain in titles or (len(plain) > TELLS and any(own.startswith(plain) for own in titles)):  # some servers cut long titles
        return None
    for own in sorted(titles, key=lambda one: (-len(one), one)):
        before = plain[: _where(own, plain)]
        attached = before[-1:].isalnum() and " " not in own  # "Nora" is no "n" before "Ora"
        if before != plain and not attached:
            return mark_of_line(typed[: places[len(before)]], asked=asked)
    if asked:
        names = [own[: own.index(": ") + 2] for own in titles if ": " in own]
        name = next((one for one in names if plain.startswith(one)), "")
        answer = (
            mark_of_line(typed[places[len(name)] :], asked=True)
            if name
            else _as_typed(_believed(_to_question(plain), plain), typed, plain, places)
        )
        if answer:
            return answer
    plain, places = _with_dash_parted(typed, plain, places)
    return _as_typed(_believed(mark_of(plain, title=True), plain), typed, plain, places)


def _where(own: str, plain: str) -> int:
    """Where a title that we wrote begins in what stands there now, the length of that where it does not. Some servers cut long titles, so
    that a mark before one takes letters from its end."""
    if plain[-len(own) :].casefold() == own.casefold():
        return len(plain[: -len(own)])
    title, text = own.casefold(), plain.casefold()
    begin = text.find(title[:TELLS]) if len(title) > TELLS and len(text) == len(plain) else -1
    return begin if begin > 0 and title.startswith(text[begin:]) else len(plain)


def _with_dash_parted(typed: str, plain: str, places: list[int]) -> tuple[str, list[int]]:
    """A long dash directly behind a word, or ``--``, of which a phone makes one, parts it like a dash between blanks: "yes—signed", also
    behind another answer ("done, no—too expensive"). So does a hyphen before a blank, behind more than one letter."""
    if len(plain) > LONGEST:
        return plain, places
    found = DASHED.match(plain) or DASHED_BEHIND.search(plain)
    while found:
        first, last = found.start("dash"), found.end("blank")
        long = typed[places[first]] in LONG_DASHES or len(found["dash"]) > 1
        if long or (found["blank"] and len(found["word"]) > 1):
            plain, places = f"{plain[:first]} - {plain[last:]}", [*places[:first], *[places[first]] * 3, *places[last:]]
        found = DASHED_BEHIND.search(plain, first + 3)
    return plain, places


def _hyphened(plain: str) -> Doubt | None:
    """A hyphen directly behind a word makes another word of it: "no-show", "yes-man". Where what stands behind would be an answer or an
    agreement ("yes-signed", "Yes-they want it", "done-call thu 2pm"), the rep is asked."""
    found = DASHED.match(plain) if len(plain) <= LONGEST else None
    if found is None or found["blank"] or len(found["dash"]) > 1 or len(found["word"]) == 1:
        return None
    more = plain[found.end() :]
    result = RESULTS[" ".join(found["word"].casefold().split())]
    tells = TOLD.match(more) or agreement_in(more) or (result in (Result.YES, Result.NO) and closes(result, bare(more)))
    return Doubt(plain) if tells else None


def _believed(mark: Mark | None, line: str) -> Mark | None:
    """``mark``, unless a sign beside it speaks against it ("yes 🤔"), or it agrees upon nothing ("> thu maybe", "waiting for 3 weeks
    now")."""
    match mark:
        case Answer(result=Result.YES | Result.NO as result):
            signs = {letter for letter in line if unicodedata.category(letter) == "So"} - TICKS
            return mark if signs <= SIGNS[result] else Doubt(line)
        case Next(text=text) if SHAKY.fullmatch(text) or THEIR_DEED.match(text) or _their_deed_then(text) or TO_US.search(text):
            return Doubt(line)
        case Wait(text=text) if SHAKY.fullmatch(text) or WAITED.fullmatch(text) or TOLD_OF_ANOTHER.search(text):
            return Doubt(line)
        case Wait(text=text) if OF_A_NAME.fullmatch(text) and not line.isupper():
            return Doubt(line)
    return mark


def _their_deed_then(text: str) -> bool:
    """ "Mon he calls", "mon 9 she'll call"."""
    then = THEN.match(text)
    return bool(then and THEIR_DEED.match(text, then.end()))


def _to_question(line: str) -> Mark | None:
    """What answers "drop, or when?" and is no answer elsewhere."""
    if bare(line) in DROPS:
        return Answer(Result.NO)
    return Next(line.strip(EDGES)) if len(line) <= LONGEST and WHEN.fullmatch(line) else None


def _as_typed(mark: Mark | None, typed: str, plain: str, places: list[int]) -> Mark | None:
    """What the rep wrote behind a mark is kept in the letters that were typed."""

    def end(part: str) -> str:
        return typed[places[len(plain) - len(part)] :].strip() if part and plain.endswith(part) else part

    match mark:
        case Answer(rest=rest):
            return replace(mark, rest=end(rest).rstrip(_BETWEEN))
        case Next(text=text, lead=lead) if lead:
            return replace(mark, text=end(text), lead=end(lead + text).removesuffix(end(text)))
        case Next(text=text) | Wait(text=text) | Doubt(text=text):
            return replace(mark, text=end(text))
        case None:
            return None
