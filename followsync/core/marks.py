"""The answer grammar: what the rep types before a title, or as the first line of the notes.

A confident wrong answer is worse than none. A word of the grammar counts where it stands alone, or where what follows is the title that
we wrote ourselves: ``Norah``, ``Next-gen quote`` and ``Yes Café`` are titles. Where more follows, this is what is certain:

=============================================  =================================================================================
``done: talked to Bob, he likes it``           DONE, the rest is a note: it names no day and agrees upon nothing
``done, left message``                         the more exact word: ATTEMPT, ``left message``
``left message with his wife``                 ATTEMPT, the rest is a note; so ``no answer``, ``voicemail``, ``x, …``
``no, too expensive`` · ``yes, signed today``  NO and YES close a prospect: only where the rest says the same again
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
``n/a`` · ``👍``                                Doubt: not available, no answer; sold, or only done?
``called, no answer`` · ``tried - left vm``    ATTEMPT, or Next where a day to try again is named
``next call thu 2pm`` · ``next - call thu``    Next: what is to be done, and a day
``yes she signed`` · ``done she liked it``     as if something parted them: the rest says the same again, or tells what was done
``no problem`` · ``done deal``                 text: nothing parts the word from what follows
``✓ brochure sent``                            text: a list that the rep keeps
=============================================  =================================================================================

A title that the rep wrote instead of ours is an answer only where the word stands alone, or what follows is an agreement, or a note (in
small letters) behind ``done`` or an attempt: "Yes, call Jenny" and "No. 5 Perfume" are titles.

On a question ("drop, or when?") ``drop`` is NO, and ``Thursday 2pm``, alone or before what is to be done, is Next.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from followsync.core.history import Result


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
    ``said``: what was said before it, besides that it was done ("no answer", "talked to Bob")."""

    text: str
    result: Result = Result.NEXT
    said: str = ""


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


def mark_of_line(line: str, *, asked: bool = False) -> Mark | None:
    """The mark that a line of notes is, or None. ``asked``: it stands on a question ("drop, or when?"), which takes its own words too:
    ``drop``, and a day with its hour (``Thursday 2pm``, and what to do)."""
    typed = unicodedata.normalize("NFC", line)
    plain, places = _plain(typed)
    return _as_typed(_mark(plain) or (_to_question(plain) if asked else None), typed, plain, places)


def agreement_of_line(line: str) -> Next | Wait | None:
    """The agreement that a line is from its first letter on: ``> …``, ``next: …``, ``waiting until …``. "Waiting for her boss", below
    other text, is text."""
    plain, _ = _plain(unicodedata.normalize("NFC", line))
    if not (_NEXT.fullmatch(plain) or _UNTIL.match(plain)):
        return None
    mark = mark_of_line(line)
    return mark if isinstance(mark, Next | Wait) else None


def mark_of_title(title: str, known: tuple[str, ...], *, asked: bool = False) -> Mark | None:
    """The mark before a title that we wrote (``known``: the titles it may have had), or None where the title is the rep's own. The title
    of a question (``asked``) begins with a name, and the answer may stand behind that: ``Jenny: Thu 2pm``."""
    typed = unicodedata.normalize("NFC", title)
    plain, places = _plain(typed)
    titles = {own for one in known if (own := _plain(unicodedata.normalize("NFC", one))[0])}
    if plain in titles:
        return None
    for own in sorted(titles, key=lambda one: (-len(one), one)):
        before = plain[: _where(own, plain)]
        attached = before[-1:].isalnum() and " " not in own  # "Nora" is no "n" before "Ora"
        if before != plain and not attached:
            return mark_of_line(typed[: places[len(before)]], asked=asked)
    if asked:
        names = [own[: own.index(": ") + 2] for own in titles if ": " in own]
        name = next((one for one in names if plain.startswith(one)), "")
        answer = mark_of_line(typed[places[len(name)] :], asked=True) if name else _as_typed(_to_question(plain), typed, plain, places)
        if answer:
            return answer
    return _as_typed(_mark(plain, title=True), typed, plain, places)


def _where(own: str, plain: str) -> int:
    """Where a title that we wrote begins in what stands there now, the length of that where it does not. Some servers cut long titles, so
    that a mark before one takes letters from its end."""
    if plain[-len(own) :].casefold() == own.casefold():
        return len(plain[: -len(own)])
    title, text = own.casefold(), plain.casefold()
    begin = text.find(title[:_TELLS]) if len(title) > _TELLS and len(text) == len(plain) else -1
    return begin if begin > 0 and title.startswith(text[begin:]) else len(plain)


# --- the words

_MESSAGE = ("left message", "left a message", "left msg", "left a msg")
_VOICEMAIL = (
    "voicemail", "voice mail", "left voicemail", "left a voicemail", "left voice mail", "left a voice mail", "left vm", "left a vm",
)  # fmt: skip
_TOKENS = {
    Result.YES: ("y", "yes", "✓", "✔", "☑", "✅", "🗸", "🗹"),
    Result.NO: ("n", "no"),
    Result.ATTEMPT: (
        "x", "no answer", "no reply", "no response", "no pickup", "no pick up", "didn't answer", "did not answer", "didn't pick up",
        "did not pick up", *_MESSAGE, *_VOICEMAIL,
    ),
    Result.DONE: ("done",),
}  # fmt: skip
_SHORT_MESSAGE = ("lm", "l/m", "lmtcb", "left mess", "left word")
_SHORT_VOICEMAIL = (
    "vm", "lvm", "left v/m", "left vmail", "straight to voicemail", "went to voicemail", "got voicemail", "straight to vm", "went to vm",
    "got vm",
)  # fmt: skip
_SPOKEN = {  # what counts in the notes and before our title, and may as well be a title of the rep's own
    Result.YES: ("yep", "yeah", "yup", "sold", "won", "signed", "closed won"),
    Result.NO: (
        "nope", "nah", "no thanks", "no thank you", "not interested", "not interested at all", "no interest", "no sale", "no deal", "lost",
        "closed lost", "went with competitor", "went with a competitor", "went with the competition", "went with someone else",
        "went with somebody else", "out of business",
    ),
    Result.ATTEMPT: (
        "no ans", "no luck", "didnt answer", "didnt pick up", "nobody there", "nobody home", "no one there", "not there", "not in",
        "not available", "unavailable", "wasn't in", "wasn't there", "couldn't reach", "could not reach", "missed him", "missed her",
        "missed them", "busy", "line busy", "busy signal", "mailbox full", "vm full", "voicemail full", "rang out", *_SHORT_MESSAGE,
        *_SHORT_VOICEMAIL,
    ),
    Result.DONE: ("all done", "completed", "finished"),
}  # fmt: skip
_SAID = {**dict.fromkeys(_MESSAGE + _SHORT_MESSAGE, "left message"), **dict.fromkeys(_VOICEMAIL + _SHORT_VOICEMAIL, "voicemail")}
_WRITTEN = {token: result for result, tokens in _TOKENS.items() for token in tokens}
_RESULTS = _WRITTEN | {token: result for result, tokens in _SPOKEN.items() for token in tokens}
_TICKS = frozenset("✓✔☑✅🗸🗹")
_CROSSES = frozenset("❌✖❎✘")  # no, or no answer? (✗ is the sign that we write ourselves)
_TELLS = 30  # characters of a title that was cut, by which it is still known
_THUMBS = re.compile("[👍👎👌🆗\U0001f3fb-\U0001f3ff\ufe0f ]*[👍👎👌🆗][👍👎👌🆗\U0001f3fb-\U0001f3ff\ufe0f ]*")  # sold, or only done?
_UNSAID = frozenset({"n/a", "na", "y/n"})  # no answer, not available, or does not apply
_LONGEST = 1000  # characters; a longer line is no answer that somebody typed
_MOST = 4  # answers in one line; what else follows is text
_EDGES = " \t\r\n.…:;,!-_|/()[]*•\"'`"
_NEXT_CALL = re.compile(r"(?:[-*•] +)?next(?: steps?)?(?:\s+(?:is|are))?\s*(?:-+\s+|\s)(?P<text>\S.*)", re.IGNORECASE | re.DOTALL)
_NEXT = re.compile(r"(?:[-*•] +)?(?:[-=]?>+|→|➡|⇒|next(?: steps?)?\s*[:=])\s*(?P<text>.*)", re.IGNORECASE | re.DOTALL)
_WAITING = re.compile(
    r"(?:[-*•] +)?(?:(?:still )?waiting(?:,| -|:| to hear(?: back)?(?: from [^\s,;]+)?)?\s+(?P<text>(?:until|'?till?|for|on)\b.*)"
    r"|wait\s+(?P<short>(?:until|'?till?)\b.*))",
    re.IGNORECASE | re.DOTALL,
)
_UNTIL = re.compile(r"(?:[-*•] +)?wait(?:ing)?\s+(?:until|'?till?)\b", re.IGNORECASE)
_TRIED = re.compile(  # "called, no answer", "stopped by - not in"
    r"(?:(?:i )?(?:called|phoned|rang|dialed|tried(?: calling| to call)?|texted|e?-?mailed|visited|stopped (?:by|in)|dropped (?:by"
    r"|in)|went by)"
    r"(?: (?:her|him|them|back|again|twice))?)(?:[ ,:;-]+| and | but )(?P<rest>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_TOLD = re.compile(  # what follows "done" and needs nothing to part it
    r"(?:she|he|they|we|i|it|spoke|talked|met|sent|called|left|emailed|went|good|great|nice|all good)(?![\w'-])", re.IGNORECASE
)
_LONGEST_FIRST = "|".join(map(re.escape, sorted(_RESULTS, key=lambda word: (-len(word), word))))
_HEAD = re.compile(rf"[{re.escape(_EDGES)}]*(?P<word>{_LONGEST_FIRST})(?:(?<=\w)(?![\w'-])|(?<=\W))(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_PARTED = re.compile(r" *(?:[:,;]|!+(?= )|\.+(?= +\D)|-+ | -+)[ :,;-]*| +(?:but|and|then)(?= )[ ,]*| *(?=\()", re.IGNORECASE)
_INSIDE = re.compile(r"(?<=[\s,;.])(?:[-=]?>+(?= *[^\W\d])|[-=]?>+(?= *\d{1,2}(?::\d\d|[/.]\d| ?[ap]m\b))|→|next\s*:)", re.IGNORECASE)

# --- what follows a word

_VERB = (
    r"(?:call|phone|ring|e-?mail|mail|text|message|visit|stop (?:by|in)|drop (?:by|in)|swing by|come (?:by|back)|go (?:by|back|see)|see"
    r"|meet|coffee|lunch|zoom|video|send|write|bring|deliver|present|try|follow[- ]?up|check(?: in| back)?|get back|circle back"
    r"|touch base|reach out|talk|speak|remind|ask|set(?: up)?|book|schedule|retry|install|quote|demo)"
)
_ASKED = (
    r"(?:(?:but|and|then|so|please|pls|again|to|just|ok|i'?ll|i will|we'?ll|we will|will|i'?m going to|i am going to|going to|let'?s|must"
    r"|should|need to|needs? me to|have to|has to|wants? (?:me|us) to|asked (?:me|us) to|told (?:me|us) to|says? to|said to)[ ,]+)*"
)
_WEEKDAY = r"(?:mon(?:days?)?|tue(?:s|sdays?)?|wed(?:s|nesdays?)?|thu(?:r|rs|rsdays?)?|fri(?:days?)?|saturdays?|sundays?)"
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|march|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_SHY = r"(?:sat|sun|mar|may)"  # words of another kind too: "sat with the owner", "he may buy"
_CLOCK = r"(?:\d{1,2}(?::\d\d)? ?[ap]\.?m\b|\d{1,2}:\d\d|noon|midday|at \d{1,2}\b|[ap]m\b|morning|afternoon|evening)"
_UNIT = r"(?:min(?:ute)?s?|hours?|days?|weeks?|wks?|months?|mos?)"
_DAY = (
    rf"(?:{_WEEKDAY}|{_MONTH}|(?:on|in|by|until|till?|next|this|mid|of|after|before|early|late|for) {_SHY}|{_SHY} (?:the )?\d+"
    rf"|{_SHY} ?[ap]m|tomorrow|tmrw|tmw|tom|tonight|weekend|q[1-4]|eo[dwmy]|cob"
    r"|\d{1,2}[/.]\d{1,2}|\d{4}-\d\d-\d\d|\d{1,2}(?:st|nd|rd|th)(?! (?:try|time|attempt|call|visit)\b)"
    r"|(?:next|this|the|in a|in an|each|every|end of|per) (?:the )?(?:day|week|month|quarter|year)s?"
    rf"|(?:\d+|a|one|two|three|four|five|six|eight|ten|few|couple(?: of)?|several) (?:business |working )?{_UNIT}|in \d+ (?:years?|yrs?)"
    r"|spring|summer|autumn|christmas|thanksgiving|easter|labor day|memorial day|new year'?s?|holidays?)"
)
_TIME = re.compile(rf"(?<![\w'-])(?:{_DAY}|{_CLOCK})(?![\w-])", re.IGNORECASE)
_PAST = re.compile(
    r"(?<![\w'-])(?:yesterday|earlier|(?:this|in the) morning|today|just now|last (?:week|month|year|quarter|night|time)"
    rf"|last {_WEEKDAY}|(?:\d+|an?|few|one|two|three) (?:minutes?|hours?|days?|weeks?|months?|years?) ago)(?![\w-])",
    re.IGNORECASE,
)
_STARTS_WITH_VERB = re.compile(rf"{_ASKED}{_VERB}(?![\w'-])", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"(?:{_WEEKDAY}|{_MONTH}|day|week|month|quarter|year|time)(?![\w-])", re.IGNORECASE)  # "next Thursday"
_STARTS_WITH_TIME = re.compile(rf"{_ASKED}(?:on |at |by )?(?:{_DAY}|{_CLOCK})(?![\w-])", re.IGNORECASE)
_DROPS = frozenset({"drop", "drop it", "drop him", "drop her", "drop them"})
_WHEN = re.compile(
    rf"\W*(?:on )?{_DAY}(?: \d{{1,2}}(?:st|nd|rd|th)?)?[ ,]*(?:at |@ ?)?{_CLOCK}(?:[ ,.:;-]+(?:to )?{_VERB}(?![\w'-])[^?]*)?[^\w?]*",
    re.IGNORECASE,
)
_AGREES = re.compile(
    r"(?<![\w'-])(?:will|won't|(?:i|he|she|they|we|it|you)'?ll|going to|gonna|wants? (?:me|us|to)|asked (?:me|us|to|for)|told (?:me|us)"
    r"|call ?backs?|call (?:me|her|him|them|us|again)|follow[- ]?up|next|later|soon|until|till|again|remind|schedule[ds]?|appointment"
    r"|must|should|needs? to|have to|has to|plans?|promised|agreed|yet|maybe|if|when|once|but|unless|though|waiting|try|retry)(?![\w-])"
    rf"|\?|(?:^|[,;:.] *|\b(?:and|then|to|so) ){_VERB}(?![\w'-])",
    re.IGNORECASE,
)
_REFUSAL = (
    r"(?:(?:they(?:'re| are)?|he|she|he's|she's) )?(?:not interested(?: at all)?|no interest"
    r"|too (?:expensive|pricey)|no (?:budget|money|sale|deal)|no,? thank(?:s| you)|thank(?:s| you)"
    r"|not (?:a fit|for (?:them|him|her|us))|out of business|(?:do not|don't|does not|doesn't) (?:want|need) (?:it|this|us|any(?:thing)?)"
    r"|(?:went|going|staying|signed) with (?!us\b)[^,;]+)"
)
_REFUSES = re.compile(rf"\W*{_REFUSAL}(?:(?:[,;.]| and|,? -) *{_REFUSAL})*\W*", re.IGNORECASE)
_BOUGHT = re.compile(
    r"\W*(?:(?:he|she|they|we|it)(?:'s|'ve| has| have)? )?(?:just )?(?:signed|sold|won|bought|ordered|paid|placed (?:the|an) order"
    r"|order (?:placed|signed)|contract signed|deal (?:closed|won|done)|closed the deal|deposit paid)\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"(?<![\w'-])(?:not|no|never|nobody|almost|nearly|might|could|would|else|with(?! us\b)|\w+n't)(?![\w-])", re.IGNORECASE
)
_REACHED = re.compile(
    r"(?<![\w'-])(?:(?:called|rang|texted|mailed|emailed|wrote) (?:me )?back|spoke|talked|reached|answered|interested"
    r"|bought|signed|ordered)(?![\w-])",
    re.IGNORECASE,
)


def _mark(line: str, *, title: bool = False, behind: int = 0) -> Mark | None:
    """``line`` is plain. 1. ``> …`` and ``waiting until …``. 2. A word alone. 3. A word, and what follows it.
    ``behind``: how many words of the grammar stand before it."""
    if found := _NEXT.fullmatch(line):
        return Next(found["text"].strip())
    if found := _WAITING.fullmatch(line):
        return Wait((found["text"] or found["short"]).strip())
    bare = _bare(line)
    if title and bare in (_RESULTS.keys() | _UNSAID) - _WRITTEN.keys():
        return None
    if result := _RESULTS.get(bare):
        return Answer(result, _said(bare))
    if (bare and bare in _CROSSES) or bare in _UNSAID or _THUMBS.fullmatch(line):
        return Doubt(line)
    if (
        (found := _NEXT_CALL.fullmatch(line))
        and len(line) <= _LONGEST
        and _agreement(found["text"])
        and not _DAY_FIRST.match(found["text"])
    ):
        return Next(found["text"].strip())
    if not title and not behind and (found := _TRIED.fullmatch(line)) and len(line) <= _LONGEST:
        tried = _mark(found["rest"], behind=1)
        return tried if isinstance(tried, Answer | Next) and tried.result is Result.ATTEMPT else None
    head = _HEAD.fullmatch(line) if len(line) <= _LONGEST and behind < _MOST else None
    if head is None:
        return None
    word, rest = " ".join(head["word"].casefold().split()), head["rest"]
    if title and word not in _WRITTEN:
        return None
    mark = _with_rest(Answer(_RESULTS[word], _said(word)), word, rest, line, behind)
    return _of_own_title(mark, word, rest) if title else mark


def _to_question(line: str) -> Mark | None:
    """What answers "drop, or when?" and is no answer elsewhere."""
    if _bare(line) in _DROPS:
        return Answer(Result.NO)
    return Next(line.strip(_EDGES)) if len(line) <= _LONGEST and _WHEN.fullmatch(line) else None


def _with_rest(answer: Answer, word: str, rest: str, line: str, behind: int) -> Mark | None:
    """What a word means that does not stand alone; the table above, row by row."""
    parted = _PARTED.match(rest)
    if parted and len(word) == 1 and parted[0].lstrip()[:1] in (".", "-") and not parted[0].startswith(" "):
        return None  # "N. Smith", "X- ray"
    more = rest[parted.end() :] if parted else rest.lstrip()
    more = more.strip(" \t")
    if _NEXT.fullmatch(more) or _WAITING.fullmatch(more):
        return _joined(answer, word, more)
    if parted and (inside := _INSIDE.search(more)):
        return _joined(answer, word, more[inside.start() :], more[: inside.start()].strip(" ,;.-"))
    if not any(letter.isalnum() for letter in more):
        return _decorated(answer, word, more, line)
    agreed = _agreement(more)
    if agreed and answer.result is Result.YES and re.match(r"[\W]*but\b", rest, re.IGNORECASE):
        return Doubt(line)
    if agreed:
        return Next(agreed, Result.ATTEMPT if answer.result is Result.ATTEMPT else Result.NEXT, _kept(answer, word))
    if parted is None and not rest.startswith(" "):
        return None  # "n/a", "done's"
    if parted or word in _TICKS or " " in word or word in ("voicemail", "vm", "lm", "lvm") or _goes_on(answer.result, word, more):
        return _noted(answer, word, more, line, behind)
    if _PAST.fullmatch(more.strip(_EDGES)):
        certain = answer.result in (Result.DONE, Result.ATTEMPT) or word not in _WRITTEN  # "signed today", but "yes today"?
        return replace(answer, rest=more) if certain else Doubt(line)
    return Doubt(line) if _STARTS_WITH_TIME.match(more) else None


def _goes_on(result: Result, word: str, more: str) -> bool:
    """Whether what follows says the same again, or tells what was done: "yes she signed", "no not interested", "done she liked it"."""
    match result:
        case Result.YES:
            return bool(_BOUGHT.match(more))
        case Result.NO:
            return bool(_REFUSES.fullmatch(more))
        case _:
            return len(word) > 1 and more[:1].islower() and bool(_TOLD.match(more))


def _noted(answer: Answer, word: str, more: str, line: str, behind: int) -> Mark | None:
    """A word, something that parts it from the rest, and a rest that begins with no agreement."""
    again = _mark(more, behind=behind + 1)
    if isinstance(again, Answer):
        if again.result is answer.result and answer.result in (Result.YES, Result.NO) and _bare(more) not in _WRITTEN:
            return replace(answer, rest=more)
        if again.result is answer.result or (answer.result, again.result) == (Result.DONE, Result.ATTEMPT):
            return replace(again, said=again.said or answer.said)
        return Doubt(line)
    if isinstance(again, Next | Wait) and answer.result in (Result.DONE, Result.ATTEMPT):
        return again  # "no answer, left message, try friday"
    past = _PAST.sub(" ", more)
    if word in _TICKS and not _BOUGHT.match(more):
        return None
    if isinstance(again, Doubt) or _TIME.search(past) or "?" in more:
        return Doubt(line)
    match answer.result:
        case Result.NO:
            certain = bool(_REFUSES.fullmatch(more)) and not _AGREES.search(past)
        case Result.YES:
            certain = bool(_BOUGHT.match(more)) and not _AGREES.search(past) and not _DENIES.search(more)
        case Result.ATTEMPT:
            certain = not _REACHED.search(more)  # else nobody was reached, whatever follows; and the retry is planned anyway
        case _:
            other = _BOUGHT.match(more) or _REFUSES.match(more) or more.casefold().startswith("not ")
            certain = not _AGREES.search(past) and not other
    return replace(answer, rest=more) if certain else Doubt(line)


def _agreement(more: str) -> str:
    """``more`` from where it says what is to be done, where it begins with that and names a day, or with a day and its hour; else ""."""
    found = _TIME.search(more)
    if found is None or "?" in more:
        return ""
    verb, time = _STARTS_WITH_VERB.match(more), _STARTS_WITH_TIME.match(more)
    hour = time and re.match(rf"[ ,]*(?:at |@ ?)?{_CLOCK}", more[time.end() :], re.IGNORECASE)
    doing = time and re.search(rf"(?<![\w'-]){_VERB}(?![\w'-])", more[time.end() :], re.IGNORECASE)
    if not (verb or hour or doing):
        return ""
    return re.sub(rf"^{_ASKED}", "", more, flags=re.IGNORECASE)


def _joined(answer: Answer, word: str, more: str, note: str = "") -> Mark:
    """``done, talked to Bob > thu 2pm``: the agreement, and what was said before it."""
    mark = _mark(more)
    assert isinstance(mark, Next | Wait)
    said = "; ".join(part for part in (_kept(answer, word), note) if part)
    return replace(mark, result=Result.ATTEMPT if answer.result is Result.ATTEMPT else mark.result, said=said)


def _decorated(answer: Answer, word: str, more: str, line: str) -> Mark | None:
    """``done 🎉``, ``yes ✅``; ``done?`` is a question, and a cross beside another answer is none."""
    signs = set(more) & (_TICKS | _CROSSES)
    if "?" in more or signs & _CROSSES or (signs and answer.result not in (Result.YES, Result.DONE)):
        return Doubt(line)
    return answer if all(unicodedata.category(letter) in {"So", "Sk"} or letter in _EDGES for letter in more) else None


def _of_own_title(mark: Mark | None, word: str, rest: str) -> Mark | None:
    """A title that is not ours and begins with a word of the grammar: only what nobody would give as a name."""
    match mark:
        case Answer(rest="") | Next() | Wait():
            return mark
        case None:
            return None
    spoken = _RESULTS[word] in (Result.DONE, Result.ATTEMPT) and len(word) > 1
    return mark if spoken and (rest.lstrip(_EDGES)[:1].islower() or "left" in word) else None


def _said(word: str) -> str:
    return _SAID.get(word, "")


def _kept(answer: Answer, word: str) -> str:
    """What an answer says that the agreement behind it does not: that it was done goes without saying."""
    if answer.result is Result.DONE:
        return ""
    return answer.said or ("no answer" if answer.result is Result.ATTEMPT else answer.result.value)


# --- letters

_LETTERS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛ʼ´", "'"),
        **dict.fromkeys("“”„‟«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
    }
)
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f\u00ad")


def _plain(text: str) -> tuple[str, list[int]]:
    """One way to write each letter (full-width forms, typographic quotes and dashes, odd blanks, how a phone draws a tick), and for each
    letter of that, and its end, where in ``text`` it stands."""
    letters: list[str] = []
    places: list[int] = []
    for place, typed in enumerate(text):
        letter = "" if typed in _INVISIBLE else typed if typed.isascii() else unicodedata.normalize("NFKC", typed).translate(_LETTERS)
        letter = " " if letter.isspace() else letter if len(letter) == 1 else typed if letter else ""
        if letter and not (letter == " " and (not letters or letters[-1] == " ")):
            letters.append(letter)
            places.append(place)
    while letters and letters[-1] == " ":
        letters.pop()
        places.pop()
    return "".join(letters), [*places, len(text)]


def _as_typed(mark: Mark | None, typed: str, plain: str, places: list[int]) -> Mark | None:
    """What the rep wrote behind a mark is kept in the letters that were typed."""

    def end(part: str) -> str:
        return typed[places[len(plain) - len(part)] :].strip() if part and plain.endswith(part) else part

    match mark:
        case Answer(rest=rest):
            return replace(mark, rest=end(rest))
        case Next(text=text) | Wait(text=text) | Doubt(text=text):
            return replace(mark, text=end(text))
        case None:
            return None


def _bare(line: str) -> str:
    """``line`` in small letters, without what stands around a word that stands alone: "(Yes!) 🎉"."""
    first, last = 0, len(line)
    while first < last and _is_edge(line[first]):
        first += 1
    while first < last and _is_edge(line[last - 1]):
        last -= 1
    return line[first:last].casefold()


def _is_edge(letter: str) -> bool:
    return letter in _EDGES or (letter not in _TICKS | _CROSSES and unicodedata.category(letter) in {"So", "Sk"})
