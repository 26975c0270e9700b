"""The answer grammar: what the rep types before a title, or as the first line of the notes (marked.py finds it there).

A confident wrong answer is worse than none. A word of the grammar counts where it stands alone, or where what follows is the title that
we wrote ourselves: ``Norah``, ``Next-gen quote`` and ``Yes Café`` are titles. Where more follows, this is what is certain:

=============================================  =================================================================================
``done: talked to Bob, he likes it``           DONE, the rest is a note: it names no day and agrees upon nothing
``done, left message``                         the more exact word: ATTEMPT, ``left message``
``left message with his wife``                 ATTEMPT, the rest is a note; so ``no answer``, ``voicemail``, ``x, …``
``no, too expensive`` · ``yes, signed today``  NO and YES close a prospect: only where all of the rest is known to say the same again
``yes, bought elsewhere`` · ``no, option B``   Doubt, as is all that marktails.py does not name
``no, went with Acme``                         NO, the rest is a note: another seller by name; ``went with the gold plan`` is a Doubt
``yes``, and below it ``bought from Acme``     Doubt (see saying.py): what the other lines deny closes nothing
``no``, and right below it ``call thu 2pm``    Doubt: so does a condition, a wish, or a day to come there: ``unless Bob objects``
``x he was out`` · ``x left a card``           ATTEMPT where it is known to tell of one, else a Doubt; ``X-ray vendor`` is text
``> they will call thu`` · ``waiting 2 weeks``  Doubt: theirs to do; since when, or how long?
``done, no—too expensive``                     Doubt: two answers, whichever dash parts them
``done > thu 2pm send quote``                  an answer *and* an agreement: Next; also ``next: …`` and ``waiting until …`` behind a word
``x > fri 10am try again``                     Next, whose touch is an ATTEMPT
``yes > thu 2pm sign``, ``n > march``          Next: nothing closes that has an agreement; the word is kept as said
``yes, call thu 2pm``                          Next: the words behind begin with what is to be done, and name a day
``yes but call thu 2pm``                       Doubt: sold or not?
``no, call back in March``                     Next: an agreement if the caller can read it, else a question; never a no
``yes, Thursday 2pm``                          Next: a day with its hour
``no answer, try friday``                      Next, whose touch is an ATTEMPT
``done: will send the quote``, ``x friday``    Doubt: a day, or something agreed, but not both; so ``left message, she is back Monday``
``no, she is not in`` · ``yes, she liked it``  Doubt: that is no refusal, and no order
``done?`` · ``done, yes`` · ``❌``              Doubt: a question, two answers, a sign that stands for two of them
``x, she called back`` · ``done, signed``      Doubt: the rest says another answer
``n/a`` · ``👍`` · ``lost``                     Doubt: not available, no answer; sold, or only done; the deal, or his number?
``called, no answer`` · ``tried - left vm``    ATTEMPT, or Next where a day to try again is named
``next call thu 2pm`` · ``next - call thu``    Next: what is to be done, and a day
``yes she signed`` · ``done she liked it``     as if something parted them: the rest says the same again, or tells what was done
``no answer again`` · ``not in the office``    ATTEMPT; ``not in stock``, ``missed her birthday`` are text
``> thu maybe`` · ``waiting for 3 weeks now``  Doubt: not agreed, called off, or long ago
``yes 🤔`` · ``no 👍``                         Doubt: the sign speaks against the word
``no problem`` · ``done deal``                 text: nothing parts the word from what follows
``no problem, call Monday``                    Next: no refusal, and an agreement
``✓ brochure sent``                            text: a list that the rep keeps
``yes—signed`` · ``n--too expensive``          as between blanks; ``no-show`` is text, ``yes-signed`` a Doubt: a hyphen makes another word
=============================================  =================================================================================

A title that the rep wrote instead of ours is an answer only where the word stands alone, or what follows is an agreement, or a note (in
small letters) behind ``done`` or an attempt: "Yes, call Jenny" and "No. 5 Perfume" are titles.

"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace

from followsync.core.history import Result
from followsync.core.letters import bare
from followsync.core.marktails import (
    HAPPENED,
    NOT_DONE,
    ORDERED,
    PERHAPS,
    THEIRS,
    TOLD_OF_ANOTHER,
    closes,
    lately,
    names_another,
    of_an_attempt,
)
from followsync.core.markwords import (
    AGREES,
    ASKED,
    BOLD,
    CLOCK,
    CROSSES,
    DAY_FIRST,
    EDGES,
    HEAD,
    INSIDE,
    LONGEST,
    MOST,
    NEXT,
    NEXT_CALL,
    NO_TROUBLE,
    PARTED,
    PAST,
    REACHED,
    RESULTS,
    SAID,
    STARTS_WITH_TIME,
    STARTS_WITH_VERB,
    THUMBS,
    TICKS,
    TIME,
    TOLD,
    TRIED,
    TRIED_AGAIN,
    UNSAID,
    VERB,
    WAITING,
    WAITS,
    WRITTEN,
)

_YES_ALONE = frozenset({"yes", "yep", "yeah", "yup"})
_NO_ALONE = frozenset({"no", "nope", "nah"})
_HOUR = re.compile(rf"(?<![\w'-]){CLOCK}", re.IGNORECASE)
_MANY = re.compile(r"[$€£]? ?\d")  # "yes 12k, delivers April": of what?
_THING_X = re.compile(r"(?:-|rays?\b|mas\b|\d+ ?(?:boxe?s?|cases?|units?|pcs|pieces?|pallets?)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """YES, NO, DONE or ATTEMPT. ``said``: where it says more than the result ("left message", "voicemail"). ``rest``: the note that
    was typed behind it, in the same line."""

    result: Result
    said: str = ""
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Next:
    """``> thu pm send quote``: the text after the mark, still to be understood. ``result``: ATTEMPT where nobody was reached.
    ``said``: what was said before it, besides that it was done ("no answer", "talked to Bob"). ``lead``: the words before the text that
    say nothing of what or when, kept for the note ("will", "please")."""

    text: str
    result: Result = Result.NEXT
    said: str = ""
    lead: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Wait:
    """``waiting until Friday``: the text after ``waiting``. ``result`` and ``said`` as in Next."""

    text: str
    result: Result = Result.DONE
    said: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """An answer was typed, but which one cannot be relied on: the whole line. The rep is to be asked."""

    text: str


Mark = Answer | Next | Wait | Doubt


def mark_of(line: str, *, title: bool = False, behind: int = 0) -> Mark | None:
    """``line`` is plain. 1. ``> …`` and ``waiting until …``. 2. A word alone. 3. A word, and what follows it.
    ``behind``: how many words of the grammar stand before it."""
    if found := NEXT.fullmatch(line):
        return Next(found["text"].strip())
    if found := WAITING.fullmatch(line):
        return Wait((found["text"] or found["short"]).strip())
    if not title and WAITS.match(line):
        return Doubt(line)
    alone = bare(line)
    if title and alone in (RESULTS.keys() | UNSAID) - WRITTEN.keys():
        return None
    if (alone and alone in CROSSES) or alone in UNSAID or (alone in BOLD and not behind) or THUMBS.fullmatch(line):
        return Doubt(line)
    if result := RESULTS.get(alone):
        return Answer(result, _said(alone))
    if (found := NEXT_CALL.fullmatch(line)) and len(line) <= LONGEST and _is_next(found["text"]):
        return Next(found["text"].strip())
    if not title and not behind and (found := TRIED.fullmatch(line)) and len(line) <= LONGEST:
        tried = mark_of(found["rest"], behind=1)
        if tried is None and not line[: found.start("rest")].strip(" ").isalnum() and STARTS_WITH_VERB.match(found["rest"]):
            agreed = agreement_in(found["rest"])  # "called, call back Thursday at 2"
            return (
                Next(agreed, lead=found["rest"].removesuffix(agreed))
                if agreed and _HOUR.search(agreed)
                else Doubt(line)
                if agreed
                else None
            )
        return tried if isinstance(tried, Answer | Next) and tried.result is Result.ATTEMPT else None
    head = HEAD.fullmatch(line) if len(line) <= LONGEST and behind < MOST else None
    if head is None:
        return None
    word, rest = " ".join(head["word"].casefold().split()), head["rest"]
    if title and word not in WRITTEN:
        return None
    mark = _with_rest(Answer(RESULTS[word], _said(word)), word, rest, line, behind)
    return _of_own_title(mark, word, rest) if title else mark


def _is_next(text: str) -> bool:
    """What stands behind a plain "next": what is to be done, and a day. "Next Thursday" and "next to the call center" are text."""
    return bool(agreement_in(text)) and not DAY_FIRST.match(text) and not text.casefold().startswith("to ")


def _with_rest(answer: Answer, word: str, rest: str, line: str, behind: int) -> Mark | None:
    """What a word means that does not stand alone; the table above, row by row."""
    parted = PARTED.match(rest)
    if parted and len(word) == 1 and parted[0].lstrip()[:1] in (".", "-") and not parted[0].startswith(" "):
        return None  # "N. Smith", "X- ray"
    more = rest[parted.end() :] if parted else rest.lstrip()
    more = more.strip(" \t")
    if parted is None and word.isalpha() and len(word) > 1 and WAITING.fullmatch(more):
        return Doubt(line)  # "done waiting until Friday"
    if NEXT.fullmatch(more) or WAITING.fullmatch(more):
        return _joined(answer, word, more)
    if parted and (inside := INSIDE.search(more)):
        return _joined(answer, word, more[inside.start() :], more[: inside.start()].strip(" ,;.-"))
    if parted is None and word == "no" and (ease := NO_TROUBLE.match(more)):
        return _with_ease(ease, line)
    but = re.match(r"\W*but\b", rest, re.IGNORECASE)
    if not any(letter.isalnum() for letter in more):
        return Doubt(line) if but else _decorated(answer, word, more, line)
    agreed = agreement_in(more)
    if but and (answer.result is Result.YES or (answer.result is Result.NO and not agreed)):
        return Doubt(line)
    if agreed and parted is None and word in _NO_ALONE:
        return Doubt(line)  # "no call Thursday"
    if agreed:
        result = Result.ATTEMPT if answer.result is Result.ATTEMPT else Result.NEXT
        return Next(agreed, result, _kept(answer, word), more.removesuffix(agreed))
    if parted is None and word in _YES_ALONE and re.match(r"\. +[$€£]?\d", rest):
        return Doubt(line)  # "yes. 2 cases"
    if parted is None and not rest.startswith(" "):
        return None  # "n/a", "done's"
    if parted or word in TICKS:
        return _noted(answer, word, more, line, behind)
    return _going_on(answer, word, more, line, behind)


def _with_ease(ease: re.Match[str], line: str) -> Mark | None:
    """ "No problem, call Monday": that is no refusal, and what follows may be an agreement. Alone it is text."""
    more = ease["rest"]
    if agreed := agreement_in(more):
        return Next(agreed, said=f"no {ease['what']}", lead=more.removesuffix(agreed))
    return Doubt(line) if TIME.search(more) else None


def _going_on(answer: Answer, word: str, more: str, line: str, behind: int) -> Mark | None:
    """A word, and what follows with nothing to part it: "yes she signed", "no answer again", "done she liked it". Most of that is text."""
    tail = bare(more)
    timed = bool(STARTS_WITH_TIME.match(more) or PAST.match(more))
    match answer.result:
        case Result.YES | Result.NO:
            if word in WRITTEN and closes(answer.result, tail):
                return Doubt(line) if lately(tail) else replace(answer, rest=more)  # "yes today"?
            if word not in WRITTEN and closes(answer.result, bare(line), alone=True) and _is_ours(answer.result, tail):
                return replace(answer, rest=more)
            spoken = word in _YES_ALONE and (more[:1].islower() or bool(_MANY.match(more)))
            return Doubt(line) if spoken or timed or " " in word or (word in _YES_ALONE | _NO_ALONE and TOLD.match(more)) else None
        case Result.ATTEMPT:
            if of_an_attempt(word, tail):
                return _noted(answer, word, more, line, behind) if word in SAID else replace(answer, rest=more)
            if word == "x" and not _THING_X.match(more):  # "x he was out"; of "x marks coffee" nobody knows
                surely = TRIED_AGAIN.match(more) or mark_of(more, behind=behind + 1) is not None
                return _noted(answer, word, more, line, behind) if surely else Doubt(line)
            return Doubt(line) if timed or (word in WRITTEN and len(word) > 1) or TIME.search(more) else None
        case _:
            if more[:1].islower() and (TOLD.match(more) or _is_spoken(tail)):
                return _noted(answer, word, more, line, behind)
            if lately(tail):
                return replace(answer, rest=more)
            return Doubt(line) if timed else None


def _is_spoken(tail: str) -> bool:
    """Another answer, of more than a letter: "done no answer", "done voicemail"."""
    return len(tail) > 1 and tail in RESULTS and RESULTS[tail] is not Result.DONE


def _is_ours(result: Result, tail: str) -> bool:
    """Where no yes stands before it: "signed today", "won the deal", and not "sold 20 cases", which they may have done."""
    return result is Result.NO or lately(tail) or tail.startswith(("the ", "our ", "with us")) or bool(ORDERED.search(tail))


def _noted(answer: Answer, word: str, more: str, line: str, behind: int) -> Mark | None:
    """A word, something that parts it from the rest, and a rest that begins with no agreement."""
    again = mark_of(more, behind=behind + 1)
    closing = answer.result in (Result.YES, Result.NO)
    if isinstance(again, Answer):
        if again.result is answer.result and closing and bare(more) not in WRITTEN:
            return replace(answer, rest=more)
        if again.result is answer.result or (answer.result, again.result) == (Result.DONE, Result.ATTEMPT):
            return replace(again, said=again.said or answer.said)
        return Doubt(line)
    if isinstance(again, Next | Wait) and not closing:
        return again  # "no answer, left message, try friday"
    if closing and closes(answer.result, bare(more), ticked=word in TICKS):
        return replace(answer, rest=more)
    if answer.result is Result.NO and names_another(more):
        return replace(answer, rest=more)
    if word in TICKS:
        return None
    past = PAST.sub(" ", more)
    if closing or isinstance(again, Doubt) or TIME.search(past) or "?" in more or TOLD_OF_ANOTHER.search(more) or PERHAPS.search(more):
        return Doubt(line)
    if answer.result is Result.ATTEMPT:
        doubtful = bool(REACHED.search(more))  # else nobody was reached, whatever follows; and the retry is planned anyway
    else:
        doubtful = bool(AGREES.search(THEIRS.sub(" ", HAPPENED.sub(" ", past))) or NOT_DONE.search(more)) or more.casefold().startswith(
            "not "
        )
    return Doubt(line) if doubtful else replace(answer, rest=more)


def agreement_in(more: str) -> str:
    """``more`` from where it says what is to be done, where it begins with that and names a day, or with a day and its hour; else ""."""
    found = TIME.search(more)
    if found is None or "?" in more:
        return ""
    verb, time = STARTS_WITH_VERB.match(more), STARTS_WITH_TIME.match(more)
    hour = time and re.match(rf"[ ,]*(?:at |@ ?)?{CLOCK}", more[time.end() :], re.IGNORECASE)
    doing = time and re.search(rf"(?<![\w'-]){VERB}(?![\w'-])", more[time.end() :], re.IGNORECASE)
    if not (verb or hour or doing):
        return ""
    return re.sub(rf"^{ASKED}", "", more, flags=re.IGNORECASE)


def _joined(answer: Answer, word: str, more: str, note: str = "") -> Mark:
    """``done, talked to Bob > thu 2pm``: the agreement, and what was said before it."""
    mark = mark_of(more)
    assert isinstance(mark, Next | Wait)
    said = "; ".join(part for part in (_kept(answer, word), note) if part)
    return replace(mark, result=Result.ATTEMPT if answer.result is Result.ATTEMPT else mark.result, said=said)


def _decorated(answer: Answer, word: str, more: str, line: str) -> Mark | None:
    """``done 🎉``, ``yes ✅``; ``done?`` is a question, and a cross beside another answer is none."""
    signs = set(more) & (TICKS | CROSSES)
    if "?" in more or signs & CROSSES or (signs and answer.result not in (Result.YES, Result.DONE)):
        return Doubt(line)
    return answer if all(unicodedata.category(letter) in {"So", "Sk"} or letter in EDGES for letter in more) else None


def _of_own_title(mark: Mark | None, word: str, rest: str) -> Mark | None:
    """A title that is not ours and begins with a word of the grammar: only what nobody would give as a name."""
    match mark:
        case Answer(rest="") | Next() | Wait():
            return mark
        case None:
            return None
    spoken = RESULTS[word] in (Result.DONE, Result.ATTEMPT) and len(word) > 1
    return mark if spoken and (rest.lstrip(EDGES)[:1].islower() or "left" in word) else None


def _said(word: str) -> str:
    return SAID.get(word, "")


def _kept(answer: Answer, word: str) -> str:
    """What an answer says that the agreement behind it does not: that it was done goes without saying."""
    if answer.result is Result.DONE:
        return ""
    return answer.said or ("no answer" if answer.result is Result.ATTEMPT else answer.result.value)
