"""The options that many commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Answer with JSON on stdout.")]
Rep = Annotated[str, typer.Option(metavar="NAME", help="Whose prospects, where there are several reps.", show_default=False)]
Who = Annotated[str, typer.Argument(metavar="WHO", help="An id, name, person, phone or e-mail; the beginning of one will do.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
FREE = {"ignore_unknown_options": True}
