"""Lives that chance found, made smaller: each showed a fault of the engine, or of an oracle. ``settle`` comes at the end of each."""

from __future__ import annotations

from typing import Any

from followsync.core.history import Result
from tests.machine.mutants import CYCLE, DELETE, MUMBLE, Life

MINUTES: tuple[str, dict[str, Any]] = ("minutes_pass", {})
BELIEVED = [CYCLE, MINUTES, CYCLE]
BACK = ("out_of_the_bin", {"which": 0})
NEW_ON_DESK = ("types", {"how": "timed", "who": None, "which": 1, "ahead": 3, "noted": False})
LONG_TITLE = [("log", {"who": 0, "result": Result.DONE, "ahead": 1}), CYCLE]

STORE_LOST: tuple[str, dict[str, Any]] = ("store_is_lost", {})

FOUND = {
    "what waits is read though another entry asks something at that moment": Life(
        [
            ("types", {"ahead": 8, "how": "timed", "noted": False, "which": 6, "who": 5}),
            ("types", {"ahead": 1, "how": "day", "noted": True, "which": 4, "who": 1}),
            ("types", {"ahead": 9, "how": "task", "noted": False, "which": 5, "who": 6}),
            ("types", {"ahead": 8, "how": "task", "noted": True, "which": 7, "who": 3}),
            ("cycle_with_a_rep", {"number": 12, "what": "move", "which": 5}),
            ("note", {"html": False, "which": 3}),
            ("mumble", {"doubt": "x friday", "which": 7}),
            ("settle", {}),
        ],
        "time_based_token",
    ),
    "what was typed and answered on another calendar never stands beside what follows, though the rep moves it at that moment": Life(
        [
            ("broken_cycle", {"how": "before", "number": 5, "which": 0}),
            ("cursor_expires", {"which": 0}),
            ("types", {"ahead": 9, "how": "timed", "noted": True, "which": 0, "who": None}),
            ("capture", {"pitched": False}),
            ("settle", {}),
            ("capture", {"pitched": False}),
            ("delete", {"which": 0}),
            ("waits", {"ahead": 1, "which": 4}),
            ("answer", {"in_notes": False, "which": 0, "word": "yes"}),
            ("cycle_with_a_rep", {"number": 2, "what": "move", "which": 6}),
        ],
        "href_reserver",
        two=True,
    ),
    "what was done, tried and agreed is read back by a store that lost it": Life(
        [
            ("answer_with_note", {"which": 0, "word": "x,", "in_notes": True}),
            *BELIEVED,
            ("agree", {"which": 0, "ahead": 3, "in_notes": True}),
            *BELIEVED,
            ("answer", {"which": 2, "word": "done", "in_notes": True}),
            *BELIEVED,
            STORE_LOST,
            ("answer", {"which": 1, "word": "left message", "in_notes": True}),
        ],
        "clean",
    ),
    "a list out of a cache does not know that the deletion of a moved entry was refused": Life(
        [
            CYCLE,
            ("log", {"who": 6, "result": Result.NEXT, "ahead": 7}),
            ("move", {"which": 7, "ahead": 0, "hour": 7}),
            ("killed_cycle", {"number": 10}),
            ("killed_cycle", {"number": 14}),
        ],
        "search_cache",
    ),
    "a follow-up that is typed beside a promise that was moved before it has an entry of its own": Life(
        [
            ("agree", {"which": 0, "ahead": 5, "in_notes": False}),
            *BELIEVED,
            ("types", {"how": "day", "who": 0, "which": 6, "ahead": 2, "noted": True}),
            ("move", {"which": 1, "ahead": 0, "hour": 9}),
            *BELIEVED,
        ],
        "clean",
    ),
    "who was closed is closed for a store that lost that": Life(
        [("answer", {"which": 0, "word": "no", "in_notes": True}), *BELIEVED, STORE_LOST]
    ),
    "a promise is gone from one of two calendars, and comes back": Life(
        [
            ("agree", {"which": 0, "ahead": 3, "in_notes": True}),
            *BELIEVED,
            ("delete", {"which": 1}),
            *BELIEVED,
            ("settle", {}),
            BACK,
        ],
        two=True,
    ),
    "a promise is gone from one of two calendars, and is answered on the other": Life(
        [
            ("agree", {"which": 0, "ahead": 3, "in_notes": True}),
            *BELIEVED,
            ("delete", {"which": 1}),
            *BELIEVED,
            ("answer", {"which": 3, "word": "done", "in_notes": True}),
        ],
        two=True,
    ),
    "a mark in what was given back is no answer, and no other follow-up": Life(
        [
            NEW_ON_DESK,
            CYCLE,
            ("answer", {"which": 1, "word": "done", "in_notes": False}),
            CYCLE,
            CYCLE,
            ("answer", {"which": 5, "word": "x", "in_notes": False}),
        ],
        two=True,
    ),
    "what waited is replaced, and answered after all": Life(
        [
            ("types", {"how": "timed", "who": 0, "which": 0, "ahead": 3, "noted": True}),
            CYCLE,
            ("types", {"how": "timed", "who": 0, "which": 0, "ahead": 5, "noted": True}),
            CYCLE,
            ("waits", {"which": 1, "ahead": 4}),
            CYCLE,
            CYCLE,
            *(("adds_to_a_record", {"which": which, "word": "done", "ahead": 6}) for which in range(3)),
        ]
    ),
    "an answer in what was answered at the terminal, and could not be marked yet": Life(
        [
            ("types", {"how": "timed", "who": 0, "which": 0, "ahead": 3, "noted": False}),
            CYCLE,
            ("log", {"who": 0, "result": Result.DONE, "ahead": 1}),
            ("broken_cycle", {"which": 0, "how": "before", "number": 1}),
            ("answer", {"which": 0, "word": "yes", "in_notes": False}),
            CYCLE,
        ]
    ),
    "what is replaced is settled, also where the server adds a line to it": Life(
        [NEW_ON_DESK, CYCLE, ("waits", {"which": 5, "ahead": 5})], "lying_rewriter", two=True
    ),
    "a copy without marks is no agreement of the hour from which its entry was moved": Life(
        [("duplicate", {"which": 0}), ("move", {"which": 0, "ahead": 5, "hour": 18})], "rewriter"
    ),
    "a copy that was there before undoes no deletion": Life(
        [NEW_ON_DESK, CYCLE, ("duplicate", {"which": 1}), ("cycle", {}), ("delete", {"which": 3})], "weak_etag", two=True
    ),
    "a tick before a title that the server cuts for it is read": Life([*LONG_TITLE, ("tick", {"which": 0})], "trimmer"),
    "a note in what came out of the bin is kept, though nothing tells it from our text": Life(
        [
            DELETE,
            *BELIEVED,
            ("log", {"who": 0, "result": Result.NO, "ahead": 1}),
            CYCLE,
            BACK,
            ("note", {"which": 0}),
        ],
        "rewriter",
    ),
    "what was noted when it was typed is no second note when it comes out of the bin": Life(
        [("types", {"how": "timed", "who": None, "which": 0, "ahead": 9, "noted": True}), CYCLE, ("delete", {"which": 1}), *BELIEVED, BACK]
    ),
    "a question is deleted while what it asks about comes back": Life([DELETE, *BELIEVED, BACK, DELETE]),
    "a question is deleted while what it asks about is answered": Life(
        [MUMBLE, CYCLE, DELETE, ("answer", {"which": 0, "word": "done", "in_notes": False})]
    ),
    "what came out of the bin is ticked before it is read": Life([DELETE, *BELIEVED, BACK, ("tick", {"which": 1})], "clean"),
    "a note between our lines is kept in what came out of the bin": Life(
        [DELETE, *BELIEVED, BACK, ("answer", {"which": 1, "word": "done", "in_notes": False}), ("note", {"which": 1})], "clean"
    ),
    "what a server adds to what came out of the bin is no note": Life([DELETE, *BELIEVED, BACK, ("mumble", {"which": 1})], "signer"),
    "a question about what was put back and deleted again can be answered again": Life(
        [
            DELETE,
            *BELIEVED,
            ("answer", {"which": 0, "word": "done", "in_notes": False}),
            CYCLE,
            BACK,
            CYCLE,
            ("delete", {"which": 1}),
            *BELIEVED,
            ("answer", {"which": 1, "word": "done", "in_notes": False}),
        ]
    ),
    "two attempts are answered in two places, and each in its own words": Life(
        [("answer", {"which": 1, "word": "left message", "in_notes": True}), ("answer", {"which": 0, "word": "x", "in_notes": True})],
        two=True,
    ),
    "a retry is deleted while the attempt is put right": Life(
        [
            ("answer", {"which": 0, "word": "x", "in_notes": False}),
            CYCLE,
            CYCLE,
            ("delete", {"which": 1}),
            ("adds_to_a_record", {"which": 0, "word": "done", "ahead": 3}),
        ]
    ),
    "an entry is deleted after it was read back, and before that is noted down": Life(
        [
            ("answer", {"which": 0, "word": "done", "in_notes": True}),
            ("cycle_with_a_rep", {"number": 10, "what": "delete", "which": 0}),
        ],
        "rewriter",
    ),
    "what came next is deleted while the answer is put right": Life(
        [
            ("answer", {"which": 0, "word": "done", "in_notes": False}),
            CYCLE,
            CYCLE,
            ("delete", {"which": 1}),
            ("adds_to_a_record", {"which": 0, "word": "x", "ahead": 3}),
        ]
    ),
    "what came out of the bin, and is not wanted any more, is moved": Life(
        [
            DELETE,
            *BELIEVED,
            ("agree", {"which": 0, "ahead": 6, "in_notes": False}),
            CYCLE,
            BACK,
            ("move", {"which": 1, "ahead": 2, "hour": 13}),
        ]
    ),
    "what was typed is deleted while a cycle takes it in": Life(
        [NEW_ON_DESK, ("cycle_with_a_rep", {"number": 10, "what": "delete", "which": 5})], "clean", two=True
    ),
    "two agreements are told in one cycle, the earlier one first": Life(
        [("agree", {"which": 0, "ahead": 1, "in_notes": False}), ("agree", {"which": 1, "ahead": 2, "in_notes": False})], two=True
    ),
    "two agreements are told in one cycle, the later one first": Life(
        [("agree", {"which": 0, "ahead": 2, "in_notes": False}), ("agree", {"which": 1, "ahead": 1, "in_notes": False})], two=True
    ),
    "waiting is said on the entry of what was tried at the desk meanwhile": Life(
        [("log", {"who": 0, "result": Result.ATTEMPT, "ahead": 5}), ("waits", {"which": 0, "ahead": 1})], "xandikos"
    ),
    "an entry is deleted, and so is the question beside it": Life([MUMBLE, CYCLE, ("delete", {"which": 1}), DELETE]),
    "what was typed on one calendar is put off on the other": Life(
        [
            NEW_ON_DESK,
            CYCLE,
            CYCLE,
            ("agree", {"which": 0, "ahead": 5, "in_notes": True}),
            ("agree", {"which": 1, "ahead": 6, "in_notes": True}),
        ],
        two=True,
    ),
    "yes and no are said at once, and something else is agreed in an entry that is typed": Life(
        [
            ("answer", {"which": 0, "word": "no", "in_notes": False}),
            ("answer", {"which": 1, "word": "yes", "in_notes": False}),
            ("types", {"how": "timed", "who": 0, "which": 1, "ahead": 3, "noted": False}),
        ],
        two=True,
    ),
    "a mark that changes behind a title that the server cuts is no answer, and is written once": Life(
        [("answer", {"which": 3, "word": "done", "in_notes": True}), ("cycle", {}), ("waits", {"which": 0, "ahead": 3})],
        "trimmer",
        two=True,
    ),
}
