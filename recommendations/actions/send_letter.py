"""Send one letter: claim it, write it, hand it to the mail server, write down that it was taken.

Killed between the server's yes and our mark, the letter is sent once more, with the same Message-ID, by which mail
programs know it for the same. It is never lost: until the mark it stays due.
"""

import contextlib
import logging
import smtplib
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from recommendations.actions.write_letter import Needless, address_of, write_letter
from recommendations.models import Letter, RefusedAddress
from recommendations.models.letter import SEND_LEASE

logger = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=4)
GIVE_UP = timedelta(days=3)
State = Letter.State


class Later(Exception):
    """The server does not take it now. `away`: it takes nothing from anybody."""

    def __init__(self, message: str, *, away: bool = False) -> None:
        super().__init__(message)
        self.away = away


class Never(Exception):
    """The server refuses it for good. `nobody`: there is nobody at that address."""

    def __init__(self, message: str, *, nobody: bool = False) -> None:
        super().__init__(message)
        self.nobody = nobody


def send_letter(*, letter: Letter, at: datetime | None = None) -> None:
    """Send a due letter, once. Raises Overtaken when another worker has it; the rest is in its row."""
    at = at or timezone.now()
    _claim(letter)
    if at > letter.created_at + GIVE_UP:
        _end(letter, State.DROPPED, trouble=f"Given up: {letter.trouble}"[:500])
        return
    try:
        address = letter.address or address_of(letter.user).email
        mail = write_letter(letter, address)
    except Needless as reason:
        _end(letter, State.DROPPED, trouble=str(reason))
        return
    try:
        hand_over(mail)
    except Never as reason:
        logger.warning("a letter was refused: %s", reason)
        _refused(letter, address, reason, at)
    except Later as reason:
        logger.warning("a letter waits: %s", reason)
        _later(letter, reason, at)
    else:
        _end(letter, State.SENT, sent_at=at, trouble="")


def hand_over(mail: EmailMessage) -> None:
    """Give the mail to the server. Returns when it has taken it. Raises Later, Never."""
    connection = get_connection()
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as error:
        raise Later(f"No connection to the mail server: {error}", away=True) from error
    try:
        connection.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise _answer(code, words, about_recipient=True) from error
    except smtplib.SMTPSenderRefused as error:  # that is about us, not about them, and can be mended
        raise Later(f"The server takes no mail from us: {_words(error.smtp_code, error.smtp_error)}") from error
    except smtplib.SMTPResponseException as error:
        raise _answer(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Later(f"The connection broke: {error}") from error
    finally:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            connection.close()  # it has the mail already, or has not: how we part changes nothing


def _answer(code: int, words: bytes | str, *, about_recipient: bool = False) -> Later | Never:
    """What an answer means (RFC 5321, 4.2.1; RFC 3463 for the finer codes: 5.7 is about us, 5.2 about a full box)."""
    said = _words(code, words)
    if code < 500:
        return Later(said)
    return Never(said, nobody=about_recipient and not said.partition(" ")[2].startswith(("5.7.", "5.2.")))


def _words(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"


def _claim(letter: Letter) -> None:
    """Take the letter. Raises Overtaken."""
    abandoned = Q(claimed_at__lt=Now() - SEND_LEASE)
    letter.move(
        State.SENDING,
        only_if=abandoned if letter.state == State.SENDING else None,
        claimed_at=Now(),
        tries=F("tries") + 1,
    )
    letter.refresh_from_db(fields=["tries"])


def _end(letter: Letter, to: str, **fields: object) -> None:
    """Let go of our claim. Raises Overtaken when it is no longer ours: whoever claims next counts one try more."""
    letter.move(to, only_if=Q(tries=letter.tries), **fields)


def _refused(letter: Letter, address: str, reason: Never, at: datetime) -> None:
    with transaction.atomic():
        _end(letter, State.DROPPED, trouble=str(reason)[:500])
        known = EmailAddress.objects.filter(user=letter.user_id, email=address).first()
        if reason.nobody and known:  # it may have been removed since
            RefusedAddress.objects.get_or_create(address=known, defaults={"why": str(reason)[:500], "at": at})


def _later(letter: Letter, reason: Later, at: datetime) -> None:
    due_at = at + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(letter.tries - 1, 10))
    _end(letter, State.WAITING, due_at=due_at, trouble=str(reason)[:500])
    if reason.away:  # nobody need find that out for each letter apart
        Letter.objects.filter(state=State.WAITING, due_at__lt=at + FIRST_WAIT).update(due_at=at + FIRST_WAIT)
