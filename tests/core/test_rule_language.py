"""The rule language as a whole: whatever a cadence says and whatever the rep answers, there is a next action, and each is itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from followsync.core.cadence import LEFT_MESSAGE, NO_ANSWER, Cadence, Count, Duration, Retry, Step, Unit
from followsync.core.history import Dismissed, Noted, Promised, Result, Waiting
from followsync.core.prospect import Prospect, Stakeholder
from followsync.core.records import steps_by_action
from tests.core import builders as b

PEOPLE = [
    Stakeholder(f"P{n}", "", n % 3 == 0, address) for n, address in enumerate(["", "", "248.555.0101", "a@example.org", "1 Oak St", ""])
]


def some_cadence(dice: Random) -> Cadence:
    steps: list[Step] = []
    for number in range(dice.randint(1, 5)):
        branch = number > 0 and dice.random() < 0.4
        one = b.step(
            f"s{number}",
            dice.choice([Count.AFTER, Count.AFTER, Count.EVERY]),
            Duration(dice.randint(1, 12), dice.choice([Unit.DAYS, Unit.WORKING_DAYS, Unit.WEEKS])),
            dice.choice(["call", "email", "letter", "newsletter", "visit"]),
            since=dice.choice(["start", "previous", "last", *[step.id for step in steps]]),
            when=tuple(dice.sample(["done", "no", "attempt", NO_ANSWER, LEFT_MESSAGE], dice.randint(0, 2))) if branch else (),
            tries=dice.choice([0, 1, 3]) if branch else 0,
            to=dice.choice(["", "", "absent deciders"]),
        )
        steps.append(replace(one, tries=one.tries or (0 if one.when or not branch else 2)))
    gap, ahead = dice.choice([None, b.days(5)]), dice.choice([None, b.weeks(3)])
    return Cadence("c", tuple(steps), min_gap=gap, ahead=ahead, retry=Retry(limit=dice.choice([None, None, 2])), version="3f2a")


def happens(life: b.Life, dice: Random) -> None:
    now = b.at("2026-01-05 10:00") + timedelta(days=dice.randint(0, 3))
    for _ in range(25):
        check(life, now)
        action = dice.choice(life.actions(now))
        chance = dice.random()
        if chance < 0.45:
            life.answer(now, Result.DONE, action)
        elif chance < 0.75:
            recap = {"attempt": dice.choice(["", "left message", "voicemail"])}
            life.add(replace(b.touched(action, Result.ATTEMPT, now, "cli"), recap=recap))
        elif chance < 0.82:
            life.add(Dismissed(now, "phone", action.id, action.kind, "", action.steps))
        elif chance < 0.88:
            life.add(Promised(now, "cli", "call", now.date() + timedelta(days=dice.randint(0, 9))))
        elif chance < 0.92:
            life.add(Waiting(now, "cli", now.date() + timedelta(days=3)))
        elif chance < 0.96:
            life.add(Noted(now, "cli", dice.choice(["newsletter yes", "newsletter no"])))
        else:
            life.prospect = replace(life.prospect, stakeholders=tuple(dice.sample(PEOPLE, dice.randint(0, 6))))
        now += timedelta(days=dice.choice([0, 0, 1, 3, 12]), minutes=7)


def check(life: b.Life, now: datetime) -> None:
    actions = life.actions(now)
    assert actions, "an open prospect always has a next action"
    assert len({one.id for one in actions}) == len(actions)
    assert not {one.id for one in actions} & life.standing.answered, "what was answered stays as a record"
    refs = [ref for one in actions for ref in one.steps]
    assert len(set(refs)) == len(refs), "nothing stands there twice"
    assert not {ref for ref in refs if not ref.turn} & life.standing.touched.keys(), "what is done is done"
    if life.rules.cadences[0].ahead is None:
        assert len(actions) == 1, "the others come after it"
    assert {one.kind for one in actions if any(ref.who for ref in one.steps)} <= {"include", "retry"}
    own = [one for one in actions if len(one.steps) == 1 and not one.steps[0].who]
    sent = [one for one in own if one.kind in ("step", "retry") and one.method == "newsletter"]
    assert not sent or life.standing.newsletter == "yes", "nobody is sent one who was not asked"
    told = {word for one in actions for word in one.questions if word.startswith("May we send")}
    assert not told or life.standing.newsletter == "", "nobody asks what was answered"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_whatever_the_rules_say_there_is_a_next_action(seed: int) -> None:
    dice = Random(seed)
    prospect = Prospect("p", "dana", "Joe's Diner", "Joe", phone=b.PHONE, stakeholders=tuple(dice.sample(PEOPLE, dice.randint(0, 6))))
    life = b.Life(b.rules(some_cadence(dice)), prospect)
    happens(life, dice)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_every_step_that_is_planned_is_known_by_its_record(seed: int) -> None:
    dice = Random(seed)
    prospect = Prospect("p", "dana", "Joe", phone=b.PHONE, stakeholders=tuple(dice.sample(PEOPLE, dice.randint(0, 6))))
    life = b.Life(b.rules(some_cadence(dice)), prospect)
    known = steps_by_action(prospect, life.rules)
    for action in life.actions(b.at("2026-01-05 10:00")):
        assert not action.steps or known[action.id] == action.steps[0]
