"""The product, loaded once and forked for every deed: real processes with the real settings, begun in milliseconds.

    python -m tests.once.forker

Each line on stdin is a job in JSON: a list of [name of a deed, its arguments]; `sending.age_leases` is a function of
tests/once/sending.py. Every deed gets a process of its own with its own connection to the database; when all are ready
they begin at the same moment. One line on stdout answers, in the
same order: {"value": ...}, {"raised": name, "words": ...} or {"signal": number}. It ends when stdin does.

A deed that is a generator does what must be ready before the first `yield`, and returns its value after it.
"""

import importlib
import inspect
import json
import os
import signal
import sys
import traceback
from typing import Any, NamedTuple

import django

LONGEST = 150  # seconds, then the kernel ends a child that hangs


class _Child(NamedTuple):
    pid: int
    answer: int  # where it writes


def main() -> None:
    """Answer jobs until stdin ends."""
    django.setup()
    for module in ("crowds", "sending", "story"):  # the models can only be loaded now
        importlib.import_module(f"tests.once.{module}")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a deed prints does not get between the answers
    for line in sys.stdin:
        answers.write(json.dumps(_together(json.loads(line))) + "\n")
        answers.flush()


def _together(jobs: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    ready, says_ready = os.pipe()
    signal_to_begin, begin = os.pipe()
    children = []
    for name, arguments in jobs:
        answer, says = os.pipe()
        pid = os.fork()
        if pid == 0:
            for end in (ready, begin, answer, *(child.answer for child in children)):
                os.close(end)
            _child(name, arguments, says_ready, signal_to_begin, says)
        os.close(says)
        children.append(_Child(pid, answer))
    os.close(says_ready)
    os.close(signal_to_begin)
    while os.read(ready, 1):  # it ends when every child has closed its end: ready, or dead
        pass
    os.close(begin)
    os.close(ready)
    return [_answer(child) for child in children]


def _child(name: str, arguments: dict[str, Any], says_ready: int, signal_to_begin: int, says: int) -> None:
    from django.db import connection

    signal.alarm(LONGEST)
    try:
        module, _, function = name.partition(".")
        deed = getattr(importlib.import_module(f"tests.once.{module}"), function)
        connection.ensure_connection()
        made = deed(**arguments) if inspect.isgeneratorfunction(deed) else None
        if made:
            next(made)
        os.close(says_ready)
        os.read(signal_to_begin, 1)
        answer = {"value": _end_of(made) if made else deed(**arguments)}
    except Exception as error:  # noqa: BLE001 - whatever it is, the test shall see it
        answer = {"raised": type(error).__name__, "words": str(error), "trace": traceback.format_exc()}
    with os.fdopen(says, "w") as file:
        file.write(json.dumps(answer))
    os._exit(0)


def _end_of(made: Any) -> Any:
    try:
        next(made)
    except StopIteration as end:
        return end.value
    raise RuntimeError("a deed yields once")


def _answer(child: _Child) -> dict[str, Any]:
    with os.fdopen(child.answer) as file:
        said = file.read()
    _, status = os.waitpid(child.pid, 0)
    if os.WIFSIGNALED(status):
        return {"signal": os.WTERMSIG(status)}
    return dict(json.loads(said))


if __name__ == "__main__":
    main()
