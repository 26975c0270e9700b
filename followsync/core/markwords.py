"""The words of the answer grammar: what counts as an answer, and what is said behind one (see marks.py)."""

from __future__ import annotations

import re

from followsync.core.history import Result

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
        "no ans", "no luck", "nobody picked up", "nobody answered", "nobody in",
        "didnt answer", "didnt pick up", "nobody there", "nobody home", "no one there", "not there", "not in",
        "not available", "unavailable", "wasn't in", "wasn't there", "couldn't reach", "could not reach", "missed him", "missed her",
        "missed them", "busy", "line busy", "busy signal", "mailbox full", "vm full", "voicemail full", "rang out", *_SHORT_MESSAGE,
        *_SHORT_VOICEMAIL,
    ),
    Result.DONE: ("all done", "completed", "finished"),
}  # fmt: skip
SAID = {**dict.fromkeys(_MESSAGE + _SHORT_MESSAGE, "left message"), **dict.fromkeys(_VOICEMAIL + _SHORT_VOICEMAIL, "voicemail")}
WRITTEN = {token: result for result, tokens in _TOKENS.items() for token in tokens}
RESULTS = WRITTEN | {token: result for result, tokens in _SPOKEN.items() for token in tokens}
TICKS = frozenset("✓✔☑✅🗸🗹")
CROSSES = frozenset("❌✖❎✘")  # no, or no answer? (✗ is the sign that we write ourselves)
TELLS = 30  # characters of a title that was cut, by which it is still known
THUMBS = re.compile("[👍👎👌🆗\U0001f3fb-\U0001f3ff\ufe0f ]*[👍👎👌🆗][👍👎👌🆗\U0001f3fb-\U0001f3ff\ufe0f ]*")  # sold, or only done?
BOLD = frozenset({"lost"})  # the deal, or his number: alone it closes nothing
UNSAID = frozenset(
    {"n/a", "na", "y/n", "no show", "no one picked up", "no one answered", "no one in", "no one home"}
)  # no answer, not available, or does not apply
LONGEST = 1000  # characters; a longer line is no answer that somebody typed
MOST = 4  # answers in one line; what else follows is text
EDGES = " \t\r\n.…:;,!-_|/()[]*•\"'`"
LONG_DASHES = "–—―"
NEXT_CALL = re.compile(r"(?:[-*•] +)?next(?: steps?)?(?:\s+(?:is|are))?\s*(?:-+\s+|\s)(?P<text>\S.*)", re.IGNORECASE | re.DOTALL)
NEXT = re.compile(r"(?:[-*•] +)?(?:[-=]?>+|→|➡|⇒|next(?: steps?)?\s*[:=])\s*(?P<text>.*)", re.IGNORECASE | re.DOTALL)
WAITING = re.compile(
    r"(?:[-*•] +)?(?:(?:still )?waiting(?:,| -|:| to hear(?: back)?(?: from [^\s,;]+)?)?\s+(?P<text>(?:until|'?till?|for|on)\b.*)"
    r"|wait\s+(?P<short>(?:until|'?till?)\b.*))",
    re.IGNORECASE | re.DOTALL,
)
UNTIL = re.compile(r"(?:[-*•] +)?wait(?:ing)?\s+(?:until|'?till?)\b", re.IGNORECASE)
TRIED = re.compile(  # "called, no answer", "stopped by - not in"
    r"(?:(?:i )?(?:called|phoned|rang|dialed|tried(?: calling| to call)?|texted|e?-?mailed|visited|stopped (?:by|in)|dropped (?:by"
    r"|in)|went by)"
    r"(?: (?:her|him|them|back|again|twice))?)(?:[ ,:;-]+| and | but )(?P<rest>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
TRIED_AGAIN = re.compile(  # behind an "x" and a blank
    r"(?:he|she|they|nobody|no ?one|called|tried|rang|again|twice|still|out|gone|away|closed|on (?:vacation|the road|leave|another)|in a"
    r"|\d+ ?(?:st|nd|rd|th) (?:time|try|call|attempt)|(?:second|third|fourth|last) (?:time|try|call|attempt)"
    r"|\d+ (?:times|tries)|not)(?![\w-])",
    re.IGNORECASE,
)
NO_TROUBLE = re.compile(
    r"(?P<what>problem|prob|worries|rush|hurry|pressure|issues?|biggie|big deal)\b(?: at all)?[ ,;:.!–—-]+(?P<rest>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
TOLD = re.compile(  # what follows "done" and needs nothing to part it
    r"(?:(?:she|he|they|we|i|it)(?:'(?:s|re|ll|d|ve|m))?|spoke|talked|met|sent|called|left|emailed|went|good|great|nice"
    r"|all good)(?![\w'-])",
    re.IGNORECASE,
)
_LONGEST_FIRST = "|".join(map(re.escape, sorted(RESULTS, key=lambda word: (-len(word), word))))
HEAD = re.compile(rf"[{re.escape(EDGES)}]*(?P<word>{_LONGEST_FIRST})(?:(?<=\w)(?![\w'-])|(?<=\W))(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_DASHED = rf"(?P<word>{_LONGEST_FIRST})(?P<dash>-+)(?P<blank> ?)(?=\w)(?!rays?\b)"
DASHED = re.compile(rf"[{re.escape(EDGES)}]*{_DASHED}", re.IGNORECASE)  # "yes—signed", "no- too expensive"; an X–ray is none
DASHED_BEHIND = re.compile(rf"(?<=[,;:.!-] ){_DASHED}", re.IGNORECASE)  # "done, no—too expensive"
PARTED = re.compile(r" *(?:[:,;]|!+(?= )|\.+(?= +\D)|-+ | -+)[ :,;-]*| +(?:but|and|then)(?= )[ ,]*| *(?=\()", re.IGNORECASE)
INSIDE = re.compile(r"(?<=[\s,;.])(?:[-=]?>+(?= *[^\W\d])|[-=]?>+(?= *\d{1,2}(?::\d\d|[/.]\d| ?[ap]m\b))|→|next\s*:)", re.IGNORECASE)

# --- what follows a word

VERB = (
    r"(?:call|cb|phone|ring|ping|e-?mail|eml|mail|text|txt|message|visit|stop (?:by|in)"
    r"|(?:drop|pop) (?:by|in|off)|swing by|come (?:by|back)|go (?:by|back|see)|see"
    r"|meet|coffee|lunch|zoom|video|send|write|bring|deliver|present|try|follow[- ]?up|check(?: in| back)?|get back|circle back"
    r"|touch base|reach out|talk|speak|remind|ask|set(?: up)?|book|schedule|retry|install|quote|demo)"
)
ASKED = (
    r"(?:(?:but|and|then|so|please|pls|again|to|just|ok|i'?ll|i will|we'?ll|we will|will|i'?m going to|i am going to|going to|let'?s|must"
    r"|should|need to|needs? me to|have to|has to|wants? (?:me|us) to|asked (?:me|us) to|told (?:me|us) to|says? to|said to)[ ,]+)*"
)
WEEKDAY = r"(?:mon(?:days?)?|tue(?:s|sdays?)?|wed(?:s|nesdays?)?|thu(?:r|rs|rsdays?)?|fri(?:days?)?|saturdays?|sundays?)"
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|march|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_SHY = r"(?:sat|sun|mar|may)"  # words of another kind too: "sat with the owner", "he may buy"
CLOCK = r"(?:\d{1,2}(?::\d\d)? ?[ap]\.?m\b|\d{1,2}:\d\d|noon|midday|at \d{1,2}\b|[ap]m\b|morning|afternoon|evening)"
_UNIT = r"(?:min(?:ute)?s?|hours?|days?|weeks?|wks?|months?|mos?)"
DAY = (
    rf"(?:{WEEKDAY}|{_MONTH}|(?:on|in|by|until|till?|next|this|mid|of|after|before|early|late|for) {_SHY}|{_SHY} (?:the )?\d+"
    rf"|{_SHY} ?[ap]m|tomorrow|tmrw|tmw|tom|tonight|weekend|q[1-4]|eo[dwmy]|cob"
    r"|\d{1,2}[/.]\d{1,2}|\d{4}-\d\d-\d\d|\d{1,2}(?:st|nd|rd|th)(?! (?:try|time|attempt|call|visit)\b)"
    r"|(?:next|this|the|in a|in an|each|every|end of|per) (?:the )?(?:day|week|month|quarter|year)s?"
    rf"|(?:\d+|a|one|two|three|four|five|six|eight|ten|few|couple(?: of)?|several) (?:business |working )?{_UNIT}|in \d+ (?:years?|yrs?)"
    r"|spring|summer|autumn|christmas|thanksgiving|easter|labor day|memorial day|new year'?s?|holidays?)"
)
TIME = re.compile(rf"(?<![\w'-])(?:{DAY}|{CLOCK})(?![\w-])", re.IGNORECASE)
PAST = re.compile(
    r"(?<![\w'-])(?:yesterday|earlier|(?:this|in the) morning|today|just now|last (?:week|month|year|quarter|night|time)"
    rf"|last {WEEKDAY}|(?:\d+|an?|few|one|two|three) (?:minutes?|hours?|days?|weeks?|months?|years?) ago)(?![\w-])",
    re.IGNORECASE,
)
WAITS = re.compile(rf"(?:still )?wait(?:ing)?[ ,]+(?:about |another )?(?:{DAY}|{CLOCK})(?![\w-])", re.IGNORECASE)  # "waiting 2 weeks"
STARTS_WITH_VERB = re.compile(rf"{ASKED}{VERB}(?![\w'-])", re.IGNORECASE)
DAY_FIRST = re.compile(rf"(?:{WEEKDAY}|{_MONTH}|day|week|month|quarter|year|time)(?![\w-])", re.IGNORECASE)  # "next Thursday"
STARTS_WITH_TIME = re.compile(rf"{ASKED}(?:on |at |by )?(?:{DAY}|{CLOCK})(?![\w-])", re.IGNORECASE)
DROPS = frozenset({"drop", "drop it", "drop him", "drop her", "drop them"})
WHEN = re.compile(
    rf"\W*(?:on )?{DAY}(?: \d{{1,2}}(?:st|nd|rd|th)?)?[ ,]*(?:at |@ ?)?{CLOCK}(?:[ ,.:;-]+(?:to )?{VERB}(?![\w'-])[^?]*)?[^\w?]*",
    re.IGNORECASE,
)
AGREES = re.compile(
    r"(?<![\w'-])(?:will|won't|(?:i|he|she|they|we|it|you)'?ll|going to|gonna|wants? (?:me|us|to)|asked (?:me|us|to|for)|told (?:me|us)"
    r"|call ?backs?|call (?:me|her|him|them|us|again)|follow[- ]?up|next|later|soon|until|till|again|remind|schedule[ds]?|appointment"
    r"|must|should|needs? to|have to|has to|plans?|promised|agreed|yet|maybe|if|when|once|but|unless|though|waiting|try|retry)(?![\w-])"
    rf"|\?|(?:^|[,;:.] *|\b(?:and|then|to|so) ){VERB}(?![\w'-])",
    re.IGNORECASE,
)
REACHED = re.compile(
    r"(?<![\w'-])(?:(?:called|rang|texted|mailed|emailed|wrote|got) (?:me )?back|spoke|talked|chatted|met|reached|answered|replied"
    r"|responded|(?:then|he|she|they|finally) picked up|got (?:hold|through)|interested|wants?|agreed|yes|paid)(?![\w-])",
    re.IGNORECASE,
)
