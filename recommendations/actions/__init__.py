"""The verbs: each one deed that crosses nouns or reaches a network. They write states and never enqueue."""


class Refused(Exception):
    """The deed is not done, and nothing has changed. The message is for the person who asked.

    `field` names the form field it is about, where it is about one.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field
