"""May this person be shown, listed, posted, mentioned? One pure function decides, and says why."""

from enum import StrEnum


class Signal(StrEnum):
    """What a network says of somebody's wish to be recommended, reduced to our words by its adapter."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    UNSEEN = "unseen"  # not looked up yet
    NEVER = "never"  # suspended, memorial, gone
