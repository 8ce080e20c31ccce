"""What pure modules and networks say to people: English, and the parts it was made of. Pure.

They know no Django and no reader's language. A door that shows such a sentence asks `said` for it in words of its own.
"""

from collections.abc import Callable


class Told(Exception):
    """An error with a sentence for a person.

    `sentence` has a place for each value, such as "%(host)s cannot be reached."; `str()` is the whole in English, for
    logs and for what is kept.
    """

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(_filled(sentence, values))
        self.sentence, self.values = sentence, values

    def said(self, translate: Callable[[str], str]) -> str:
        """The sentence in another language: `translate` (such as gettext) knows it with its places."""
        return _filled(translate(self.sentence), self.values)


def _filled(sentence: str, values: dict[str, object]) -> str:
    return sentence % values if values else sentence
