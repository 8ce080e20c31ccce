"""Log lines: one a happening, key=value, with nothing secret in them."""

import io
import logging

import pytest
import structlog

from ffapp.logs import formatter


@pytest.fixture
def lines() -> io.StringIO:
    """What is logged, by structlog and by the standard library alike."""
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(formatter())
    logger = logging.getLogger("tests.logs")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
    return said


def test_a_line_says_when_how_bad_where_and_what(lines: io.StringIO) -> None:
    logging.getLogger("tests.logs").warning("look-up of %s failed", "@rosa@social.example")

    (line,) = lines.getvalue().splitlines()
    assert line.startswith("timestamp=20")
    assert 'level=warning logger=tests.logs event="look-up of @rosa@social.example failed"' in line


@pytest.mark.parametrize("name", ["password", "app_password", "Authorization", "sealed_secret", "token", "COOKIE"])
def test_what_is_called_a_secret_is_blanked(lines: io.StringIO, name: str) -> None:
    structlog.get_logger("tests.logs").warning("connected", **{name: "hunter2", "channel": "ours.test"})

    assert "hunter2" not in lines.getvalue()
    assert f"{name}=***" in lines.getvalue()
    assert "channel=ours.test" in lines.getvalue()


def test_a_text_cannot_forge_a_second_line(lines: io.StringIO) -> None:
    hostile = "x\ntimestamp=2026 level=error event=forged\r\n\x1b[2J\u202e\u2028"

    logging.getLogger("tests.logs").warning("%s", hostile)
    structlog.get_logger("tests.logs").warning("seen", handle=hostile)

    assert len(lines.getvalue().splitlines()) == 2
    assert not set(hostile) & set(lines.getvalue()) & set("\r\x1b\u202e\u2028")
    assert lines.getvalue().count("forged<U+000D>") == 2


def test_a_fault_brings_its_traceback(lines: io.StringIO) -> None:
    try:
        raise ValueError("no such week")
    except ValueError:
        logging.getLogger("tests.logs").exception("broken")

    assert "ValueError: no such week" in lines.getvalue()
    assert "Traceback" in lines.getvalue()
