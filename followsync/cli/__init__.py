"""The command line. ``main`` is the one place where an error becomes a sentence and an exit code.

Exit codes: 0 done, 1 something needs attention, 2 wrong use, 78 wrong config. JSON goes to stdout alone, everything said to stderr.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import typer

from followsync.cli import output
from followsync.cli.app import app
from followsync.errors import ConfigError, FollowSyncError

_COMPLETES = "_FOLLOWSYNC_COMPLETE"  # set by a shell's completion, which calls us without any argument and goes by the exit code
_INTERRUPTED, _BROKEN_PIPE = 130, 141  # 128 + SIGINT, 128 + SIGPIPE: what a shell says of a program that such a signal ended


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit code. Never raises, never shows a traceback (but of a fault of ours, with ``--verbose``)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    output.tolerate_any_encoding()
    try:
        code = _run(arguments) if arguments or _COMPLETES in os.environ else _run(["--help"]) or 2
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        output.silence()
        return _BROKEN_PIPE
    except FollowSyncError as error:
        output.warn(str(error))
        if isinstance(error, ConfigError) and not error.problems[0].line:
            output.warn("'followsync init' writes a config; 'followsync demo' shows what this is without one.")
        return error.exit_code
    except PermissionError as error:
        if not error.filename:
            return _fault(error, arguments)
        output.warn(f"{error.filename}: this user may not look or write there. Type it with sudo, or as the user whose it is.")
        return 1
    except Exception as error:  # noqa: BLE001 - the last net: whatever is wrong with us, a person gets a sentence
        return _fault(error, arguments)
    return code


def _run(arguments: list[str]) -> int:
    command = typer.main.get_command(app)
    try:
        answer = command.main(args=arguments, prog_name="followsync", standalone_mode=False)
    except SystemExit as ended:  # typer's own end where the reader of stdout has gone, and of shell completion
        return _BROKEN_PIPE if ended.code == 1 else 0
    except typer.Abort:
        output.warn("Stopped: nothing was answered.")
        return 2
    except typer.TyperException as error:
        if sentence := error.format_message():
            output.warn(f"{sentence.rstrip('.')}. 'followsync --help' and 'followsync COMMAND --help' say what there is.")
        return 2
    return answer if isinstance(answer, int) else 0


def _fault(error: Exception, arguments: Sequence[str]) -> int:
    """Its text is not quoted: it may hold people's data."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "followsync" in Path(frame.filename).parts]
    place = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    output.warn(
        f"This is a fault of followsync itself ({type(error).__name__}{place}). 'followsync --verbose …' shows more; please report it."
    )
    if "--verbose" in arguments:
        traceback.print_exception(error)
    return 1
