# ruff: noqa: E402 - Django is set up before its models are imported
"""`python -m tests.mail_pictures [FOLDER]`: a picture of every mail, on a phone and on a desk, light and dark.

The mails are those of the demo's community, made as they are made for sending; their plain texts lie beside them.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import tests.environment  # noqa: F401 - before Django reads its settings

os.environ["FF_DEMO"] = "1"

import django

django.setup()

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, Route

from accounts.models import User
from recommendations.actions.announce import announce
from recommendations.actions.bundle import bundle
from recommendations.actions.notify import notify
from recommendations.actions.write_letter import write_letter
from recommendations.management.commands.seed_demo import live
from recommendations.models import Community, Edition, Letter, Membership, Notification, Profile
from tests.browser.chromium import chromium

ROOT = Path(__file__).resolve().parents[1]
WIDTHS = (390, 640)
SCHEMES = ("light", "dark")
Kind = Notification.Kind


def mails() -> Iterator[tuple[str, EmailMultiAlternatives]]:
    """Each mail there is, with a name for its picture. It wants an empty database."""
    community = live(timezone.now())
    reader = User.objects.get(username="demo-member")
    address = EmailAddress.objects.create(user=reader, email="robin@example.com", verified=True, primary=True)
    Membership.objects.filter(user=reader).update(digest=True)
    edition = Edition.objects.published().select_related("community").first()
    assert edition is not None
    announce(edition=edition, at=edition.published_at)
    letter = Letter.objects.select_related("user", "edition__community").get()
    yield "edition", write_letter(letter, address)
    somebody = edition.entries.ranked().select_related("profile")[1].profile
    Profile.objects.filter(pk=somebody.pk).update(word="declined")
    Community.objects.update(accent="ink")
    yield "edition-with-a-gap", write_letter(Letter.objects.get(pk=letter.pk), address)
    yield "one-thing", write_letter(_news(reader, community, {Kind.DECISION: "hide"}), address)
    several = {Kind.CURATOR: "draft", Kind.MEMBER: "asked", Kind.DECISION: "warn"}
    yield "several-things", write_letter(_news(reader, community, several), address)


def _news(reader: User, community: Community, happened: dict[Kind, str]) -> Letter:
    Notification.objects.all().delete()
    for number, (kind, occasion) in enumerate(happened.items()):
        notify(
            user=reader,
            kind=kind,
            key=f"{occasion}:{number}",
            community=community,
            about="2026-W47",
            by=User.objects.get(username="demo-esi"),
            link="/me/notifications/",
        )
    letter = bundle(user=reader)
    assert letter is not None
    return letter


def take(browser: Browser, folder: Path) -> int:
    """Take the pictures into a folder; how many."""
    folder.mkdir(parents=True, exist_ok=True)
    taken = 0
    for name, mail in mails():
        (folder / f"mail-{name}.txt").write_text(f"Subject: {mail.subject}\n\n{mail.body}")
        html = str(mail.alternatives[0][0])
        for width in WIDTHS:
            for scheme in SCHEMES:
                page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
                page.route("**/*", _from_our_media)
                page.set_content(html)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=folder / f"mail-{name}-{width}-{scheme}.png", full_page=True)
                page.close()
                taken += 1
    return taken


def _from_our_media(route: Route) -> None:
    _, found, name = route.request.url.partition("/media/")
    if found:
        route.fulfill(path=settings.MEDIA_ROOT / name)
    else:
        route.abort()


def main(arguments: list[str]) -> int:
    """Take all pictures and say where they are."""
    folder = Path(arguments[0]) if arguments else ROOT / "var" / "screens"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright runs a loop of its own in this thread
    call_command("migrate", verbosity=0)
    with chromium() as browser:
        taken = take(browser, folder)
    print(f"{taken} pictures in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
