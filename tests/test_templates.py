from __future__ import annotations

from pathlib import Path

import pytest

from followsync.config import load
from followsync.errors import ConfigError
from followsync.templates import FILTERS, check, render

VALUES = {"name": "Jenny Ray", "person": "", "agenda": ["price", "terms"], "attempt": 2, "notes": "x" * 5000, "many": ["y" * 5000] * 500}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("Call {{ name }} – {{ phone }}", "Call Jenny Ray –"),
        ("{{ name | upper }} {{ name | replace('Ray', 'R.') }}", "JENNY RAY Jenny R."),
        ("{{ person | default('them', true) }} {{ nobody | d('you') }}", "them you"),
        ("{{ agenda | join(', ') }} {{ agenda | length }} {{ agenda | first }} {{ agenda | last }}", "price, terms 2 price terms"),
        ("{% for one in agenda %}{{ loop.index }}. {{ one }}{{ '; ' if not loop.last }}{% endfor %}", "1. price; 2. terms"),
        ("{% for one in name %}{{ one }}{% endfor %}{% for one in nobody.at.all %}x{% else %}none{% endfor %}", "none"),
        ("{% if attempt > 1 and 'Ray' in name %}again, try {{ attempt + 1 }}{% endif %}", "again, try 3"),
        ("{{ name[:5] }} {{ '  a b ' | trim | title }} {{ 'jOE' | capitalize }} {{ 'A' | lower }}{{ nobody.met.year }}", "Jenny A B Joe a"),
        ("{{ name.upper }}{{ name.__class__ }}{{ agenda.append }}", ""),
        ("{{ 1 / 0 }}", ""),
    ],
)
def test_what_templates_give(text: str, shown: str) -> None:
    check(text)
    assert render(text, VALUES) == shown


REFUSED = {
    "{{ name.upper() }}": "'calls'",
    "{{ range(9) }}": "'calls'",
    "{{ lipsum(n=99) }}": "'calls'",
    "{{ name.format(1) }}": "'calls'",
    "{{ 'x' * 999999999 }}": "'*'",
    "{{ 9 ** 9 ** 9 }}": "'**'",
    "{{ '%0999999999d' % 1 }}": "'%'",
    "{% set a = name ~ name %}": "'set'",
    "{% set a %}x{% endset %}": "'set'",
    "{% macro a() %}{% endmacro %}": "'macro'",
    "{% include 'x' %}": "'include'",
    "{% filter upper %}x{% endfilter %}": "'filter'",
    "{% for a in agenda %}{% for b in agenda %}x{% endfor %}{% endfor %}": "loop inside a loop",
    "{{ name | center(99999999) }}": "'center', which is not known",
    "{{ name | format(1) }}": "'format', which is not known",
    "{{ agenda | map('upper') | list }}": "which is not known",
    "{{ name is odder }}": "'odder', which is not known",
    "{{ name": "cannot be read",
    "{{ " + "-" * 900 + "1 }}": "nested too deeply",
    "{{ a" + ".a" * 900 + " }}": "nested too deeply",
    "{% if a %}" * 90 + "{% endif %}" * 90: "nested too deeply",
}


@pytest.mark.parametrize(("text", "sentence"), REFUSED.items(), ids=range(len(REFUSED)))
def test_what_is_not_for_templates_is_a_config_error_with_its_place_and_gives_nothing(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    quoted = text.replace("'", "''")
    path.write_text(f"reps: {{dana: {{timezone: America/Detroit}}}}\nmethods:\n  call:\n    title: '{quoted}'\n")
    with pytest.raises(ConfigError) as caught:
        load(path)
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (4, 12)
    assert sentence in problem.message
    assert render(text, VALUES) == ""


def test_globals_are_not_there() -> None:
    for name in ("range", "lipsum", "cycler", "joiner", "namespace", "dict"):
        assert render(f"{{{{ {name} is defined }}}}", {}) == "False"


@pytest.mark.parametrize(
    "text",
    [
        "{{ notes }}",
        "{{ many }}",
        "{% for one in many %}{{ one }}{{ notes }}{% endfor %}",
        "{{ notes" + " | replace('x', notes)" * 30 + " }}",
        "{{ many" + " | join(notes)" * 30 + " }}",
        "{{ " + " ~ ".join(["notes"] * 400) + " }}",
    ],
)
def test_what_a_template_gives_stays_small(text: str) -> None:
    assert len(render(text, VALUES)) == 4000


def test_filters_do_not_outgrow_their_list() -> None:
    assert FILTERS == ("join", "upper", "lower", "title", "capitalize", "default", "d", "trim", "replace", "length", "first", "last")
