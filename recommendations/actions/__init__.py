"""The verbs: each one deed that crosses nouns or reaches a network. They write states and never enqueue."""

from datetime import datetime


class Refused(Exception):
    """The deed is not done, and nothing has changed. The message is for the person who asked.

    `field` names the form field it is about, where it is about one.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class TooSoon(Refused):
    """It was done too often in a short time. `again_at`: when it may be done again. Doors answer 429."""

    def __init__(self, message: str, *, again_at: datetime) -> None:
        super().__init__(message)
        self.again_at = again_at
