"""A real SMTP server on the loopback, for the tests: it takes mail, refuses it, or hangs up, as a test asks."""

import email
import email.policy
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from allauth.account.models import EmailAddress
from django.core.mail.backends.smtp import EmailBackend

from accounts.models import User
from tests.start_services import free_port


class Postbox:
    """What arrived, and how the server answers: `answers` "" is yes, else its words; `hang_up` after the text."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.senders: list[str] = []
        self.recipients: list[str] = []
        self.to_sender = self.to_recipient = self.to_data = ""
        self.hang_up = False

    @property
    def mails(self) -> list[EmailMessage]:
        """The mails, read as a mail program does."""
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.raw]

    @property
    def mail(self) -> EmailMessage:
        """The only one."""
        (one,) = self.mails
        return one


class _Door:
    """What aiosmtpd asks. (It reads every attribute of its handler, so this is not the box itself.)"""

    def __init__(self, box: Postbox) -> None:
        self.box = box

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.box.to_sender or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not self.box.to_recipient:
            envelope.rcpt_tos.append(address)
        return self.box.to_recipient or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.box.to_data:
            return self.box.to_data
        assert isinstance(envelope.content, bytes)
        self.box.raw.append(envelope.content)
        self.box.senders.append(envelope.mail_from or "")
        self.box.recipients += envelope.rcpt_tos
        if self.box.hang_up:
            assert server.transport is not None
            server.transport.close()
        return "250 OK"


class Killed(BaseException):
    """What a kill looks like from within."""


class KilledAfterTheYes(EmailBackend):
    """The server has said yes, and our process is no more."""

    def send_messages(self, email_messages: Any) -> int:
        super().send_messages(email_messages)
        raise Killed


@pytest.fixture
def postbox(settings: Any) -> Iterator[Postbox]:
    """A mail server that takes everything until it is told otherwise; our mail goes there."""
    box = Postbox()
    controller = Controller(_Door(box), hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield box
    controller.stop()


@pytest.fixture
def addressed(db: None) -> Callable[..., EmailAddress]:
    """Give somebody an address that they have proven: addressed(grace)."""

    def give(user: User, email: str = "", **fields: Any) -> EmailAddress:
        address = email or f"{user.username}@people.example"
        if fields.get("primary", True):
            User.objects.filter(pk=user.pk).update(email=address)
        return EmailAddress.objects.create(user=user, email=address, **{"verified": True, "primary": True} | fields)

    return give
