"""How log lines look: key=value for people and machines alike, with nothing secret in them."""

import logging
import re
from typing import Any

import structlog

_SECRET = ("password", "secret", "token", "authorization", "cookie")
# What moves the cursor, ends a line or turns the reading order around; the renderer sees to \n itself.
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def mask(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Blank the values whose names say that they are secrets."""
    for name in event:
        if any(word in name.lower() for word in _SECRET):
            event[name] = "***"
    return event


def show_unseen(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Write control characters out, so that no text from outside forges a line or moves a terminal's cursor."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _UNSEEN.sub(lambda match: f"<U+{ord(match[0]):04X}>", value)
    return event


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    mask,
]

structlog.configure(
    processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)


def formatter() -> logging.Formatter:
    """The formatter named in LOGGING."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            show_unseen,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "logger", "event"]),
        ],
    )
