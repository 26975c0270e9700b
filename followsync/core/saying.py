"""One answer out of all the places where the rep may have written one: the tick, the title, the notes.

An agreement stands beside any other answer. Two answers that exclude each other are none: the rep is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from followsync.core.history import Result
from followsync.core.marked import agreement_of_line, denies, mark_of_line
from followsync.core.marks import Answer, Doubt, Mark, Next, Wait, agreement_in
from followsync.core.markwords import ASKED, STARTS_WITH_TIME, STARTS_WITH_VERB, TIME, VERB

_CLOSES = (Result.YES, Result.NO)


@dataclass(frozen=True, slots=True)
class Said:
    """An answer. ``text``: what the rep wrote, with the lines that are the answer; ``beside``: without them."""

    mark: Mark
    text: str
    beside: str

    @property
    def note(self) -> str:
        """What the rep wrote besides the mark; the words before and after ``>`` are kept too, they say what was agreed."""
        match self.mark:
            case Answer(rest=rest):
                parts = [rest]
            case Next(text=text, said=before, lead=lead):
                parts = [before, lead + text]
            case Wait(text=text, said=before):
                parts = [before, f"waiting {text}"]
            case Doubt(text=text):
                parts = [text]
        return "\n".join([*parts, self.beside]).strip()


_WAY = re.compile(
    rf"{ASKED}(?P<way>call|cb|phone|ring|ping|e-?mail|eml|mail|text|txt|message|visit|stop|drop|pop|swing|come|go|see|meet|coffee|lunch"
    r"|zoom|video)(?![\w'-])",
    re.IGNORECASE,
)
_TRIES = re.compile(r"(?:re-?)?try(?: (?:again|back|later|once more))?\W*$", re.IGNORECASE)
_DOES = re.compile(rf"(?<![\w'-]){VERB}(?![\w'-])", re.IGNORECASE)


def said(ticked: bool, title: Mark | None, text: str, *, asked: bool = False, second: int = 0) -> tuple[Said, ...]:
    """Nothing, one answer, or two where both hold: that it was done or tried, and then what was agreed (or is to be asked).

    ``text``: what is new in the notes. ``asked``: on a question. ``second``: the line in which begins what was typed in another place
    (below our text); 0 where all was typed in one. The order of the two is that of two cycles, so it is the same whether they were read
    in one.
    """
    lines = text.splitlines()
    found = _marks_of(lines, second, asked=asked)
    found |= _denied(lines, found, title)
    found |= _taken_back(lines, found)
    answer, ask = _weighed(ticked, [*([title] if title else []), *found.values()])
    beside = "\n".join(line for number, line in enumerate(lines) if number not in found).strip("\n")
    if answer is None or ask is None:
        one = answer or ask
        return (Said(one, text, beside),) if one else ()
    asks = "\n".join(lines[number] for number, mark in found.items() if not isinstance(mark, Answer))
    answers = "\n".join(line for number, line in enumerate(lines) if isinstance(found.get(number, answer), Answer))
    return Said(answer, answers, beside), Said(ask, asks, "")


def _marks_of(lines: list[str], second: int, *, asked: bool) -> dict[int, Mark]:
    """The first line of each place, and the first one further down that is an agreement and nothing else; then all others that name a day
    as it does: of several agreements none is lost. Several below a text are a letter that was pasted, for mail programs put ``>`` before
    what they quote, unless each one names a day."""
    firsts = [number for number in sorted({0, second}) if number < len(lines)]
    found: dict[int, Mark] = {number: mark for number in firsts if (mark := mark_of_line(lines[number], asked=asked))}
    rest = ((number, line) for number, line in enumerate(lines) if number not in firsts)
    below: dict[int, Mark] = {number: mark for number, line in rest if (mark := agreement_of_line(line))}
    dated: dict[int, Mark] = {number: mark for number, mark in below.items() if _names_a_day(mark)}
    if agreed := [mark for mark in found.values() if isinstance(mark, Next | Wait)]:
        undated: dict[int, Mark] = {number: mark for number, mark in found.items() if mark == agreed[0] and not _names_a_day(mark)}
        return _with_day_below(found, undated, dated) if undated else found | dated
    if below and (found or len(below) == 1 or below == dated):
        first = min(below)
        undated = {number: mark for number, mark in below.items() if number not in dated}
        return found | dated if first in dated else _with_day_below(found | {first: below[first]}, undated, dated)
    return found


def _with_day_below(found: dict[int, Mark], undated: dict[int, Mark], dated: dict[int, Mark]) -> dict[int, Mark]:
    """ "> send quote", and right below it "> fri 10 call": the day is agreed, and what stands above it a note. Where that is less clear
    both are told, and the rep is asked."""
    if not dated or len(undated) > 1:
        return found
    (above, what), (below, when) = next(iter(undated.items())), min(dated.items())
    plainly = isinstance(what, Next) and isinstance(when, Next) and _begins_an_agreement(when.text) and _is_beside(what.text, when.text)
    if len(dated) == 1 and below == above + 1 and plainly:
        return {number: mark for number, mark in found.items() if number != above} | dated
    return found | dated


def _is_beside(what: str, when: str) -> bool:
    """Whether ``what`` is to be done beside what is done ``when``: "send quote" beside "fri 10 call". "Visit" above "thu pm" says what is
    done then, or is another thing; and a visit is no note to a call."""
    if not STARTS_WITH_VERB.match(what):
        return False
    if (way := _WAY.match(what)) and not re.search(rf"(?i)(?<![\w'-]){re.escape(way['way'])}", when):
        return False
    return bool(_TRIES.match(what) or _DOES.search(when))


def _begins_an_agreement(text: str) -> bool:
    return bool(STARTS_WITH_TIME.match(text) or agreement_in(text))


def _names_a_day(mark: Mark) -> bool:
    return not isinstance(mark, Answer) and bool(TIME.search(mark.text))


def _denied(lines: list[str], found: dict[int, Mark], title: Mark | None) -> dict[int, Mark]:
    """The line that says that a yes or a no is none: "yes", and below it "bought from Acme"; of what stands right below it also what leaves
    it open: "unless Bob objects"."""
    closing = next((one for one in (title, *found.values()) if isinstance(one, Answer) and one.result in _CLOSES), None)
    if closing is None:
        return {}
    at = max((number for number, mark in found.items() if mark == closing), default=-1)
    told = [number for number, line in enumerate(lines) if number not in found and line.strip()]
    below = next((number for number in told if number > at), None)
    against = (number for number in told if denies(lines[number], closing, below=number == below))
    return {number: Doubt(lines[number].strip()) for number in [*against][:1]}


def _taken_back(lines: list[str], found: dict[int, Mark]) -> dict[int, Mark]:
    """The line, nothing but an answer, that excludes the one in the first line: "x", and below it "done". Below "done" a "left message"
    says more of the same, and is a note."""
    firsts = [one for one in found.values() if isinstance(one, Answer)]
    for number, line in enumerate(lines) if firsts else ():
        other = None if number in found else mark_of_line(line)
        if isinstance(other, Answer) and not other.rest and any(_excludes(first, other) for first in firsts):
            return {number: other}
    return {}


def _excludes(first: Answer, other: Answer) -> bool:
    if first.result is Result.ATTEMPT:
        return other.result is not Result.ATTEMPT
    return first.result is Result.DONE and other.result is Result.ATTEMPT and not other.said


def _weighed(ticked: bool, marks: list[Mark]) -> tuple[Answer | None, Next | Wait | Doubt | None]:
    """What is certain, and what was agreed or is to be asked. Nothing closes that has an agreement, or leaves a doubt."""
    answers = [mark for mark in marks if isinstance(mark, Answer)]
    answer, against = _exact(ticked, answers)
    asks = list(dict.fromkeys(mark for mark in marks if not isinstance(mark, Answer)))
    agreements = [mark for mark in asks if not isinstance(mark, Doubt)]
    doubts = [*against, *(mark.text for mark in asks if isinstance(mark, Doubt))]
    if answer and answer.result in _CLOSES and asks:
        doubts, answer = [_word(answer), *doubts], None
    if len(agreements) > 1:
        return answer, Doubt("; ".join([*doubts, *map(_agreed, agreements)]))
    if not agreements:
        return answer, Doubt(", ".join(doubts)) if doubts else None
    agreed = agreements[0]
    agreed = replace(agreed, said="; ".join(filter(None, [*doubts, agreed.said])))
    if answer and answer.result is Result.DONE and agreed.result is Result.ATTEMPT:
        answer = replace(answer, result=Result.ATTEMPT)
    return answer, agreed


def _exact(ticked: bool, words: list[Answer]) -> tuple[Answer | None, list[str]]:
    """A word says more than a tick, and a yes or a no more than that it was done. The second: the words that exclude each other; done in
    one place and tried in another do."""
    tick = [Answer(Result.DONE)] if ticked else []
    done = [one for one in words if one.result is Result.DONE]
    exact = [one for one in words if one.result is not Result.DONE]
    if done and any(one.result is Result.ATTEMPT for one in exact):
        against, chosen = words, tick
    elif len({one.result for one in exact}) > 1:
        against, chosen = exact, [*tick, *done]
    else:
        against, chosen = [], [*exact, *tick, *done]
    told = list(dict.fromkeys(map(_word, against)))
    if not chosen:
        return None, told
    rest = "; ".join(dict.fromkeys(one.rest for one in chosen if one.rest))
    return Answer(chosen[0].result, next((one.said for one in chosen if one.said), ""), rest), told


def _agreed(mark: Next | Wait) -> str:
    text = f"{mark.lead}{mark.text}" if isinstance(mark, Next) else f"waiting {mark.text}"
    return f"{mark.said}, {text}" if mark.said else text


def _word(answer: Answer) -> str:
    word = answer.said or ("no answer" if answer.result is Result.ATTEMPT else answer.result.value)
    return f"{word}, {answer.rest}" if answer.rest else word
