"""Pages in German and in Arabic: words, dates, directions, refusals; and what people wrote stays in theirs."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from accounts.models import User
from recommendations.models import Channel, Community, Edition, Nomination
from tests.conftest import MONDAY
from tests.recommendations.actions.conftest import channel, draft, nominated, on_mastodon, published

__all__ = ["channel", "draft", "nominated", "on_mastodon", "published"]

BOARD = "/c/custserv/"
EDITION = f"{BOARD}editions/1/"


@pytest.fixture(autouse=True)
def _on_monday() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


def page(client: Client, address: str, code: str, **data: Any) -> str:
    """What is answered to a reader of this language, without what is only layout."""
    headers = {"accept-language": code}
    answer = client.post(address, data, headers=headers) if data else client.get(address, headers=headers)
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.mark.parametrize(
    ("code", "start", "said"),
    [
        ("en", 'lang="en" dir="ltr"', ["Who should we follow, and why?", ">Thursday 5 November, 18:00 UTC</time>"]),
        ("de", 'lang="de" dir="ltr"', ["Wem sollten wir folgen, und", ">Donnerstag, 5. November, 18:00 UTC</time>"]),
        ("ar", 'lang="ar" dir="rtl"', ["من ينبغي أن نتابع، ولماذا؟", ">الخميس 5 نوفمبر، 18:00 UTC</time>"]),
    ],
)  # fmt: skip
def test_the_board_speaks_the_readers_language(
    client: Client, edition: Edition, code: str, start: str, said: list[str]
) -> None:
    shown = page(client, BOARD, code)

    assert f"<html {start}>" in shown
    for words in said:
        assert words in shown


@pytest.mark.parametrize(
    ("code", "number", "day"),
    [("en", "No. 1", "6 November 2026"), ("de", "Nr. 1", "6. November 2026"), ("ar", "العدد 1", "6 نوفمبر 2026")],
)
def test_an_edition_has_its_number_and_date_in_the_readers_language(
    client: Client, published: Edition, code: str, number: str, day: str
) -> None:
    shown = page(client, EDITION, code)

    assert f"<span>{number}</span>" in shown
    assert f'<time datetime="2026-11-06T09:00:00+00:00">{day}</time>' in shown


@pytest.mark.parametrize("code", ["de", "ar"])
def test_what_people_wrote_keeps_their_own_language_and_direction(
    client: Client, community: Community, published: Edition, code: str
) -> None:
    Community.objects.update(language="fr", values="Être gentil.", description="Pour toutes.")
    Edition.objects.filter(pk=published.pk).update(essay="Bonne lecture.", title="Elles répondent")

    assert '<div lang="fr" dir="auto"><p>Être gentil.</p>' in page(client, BOARD, code)
    shown = page(client, EDITION, code)
    assert '<div class="prose" lang="fr" dir="auto"><p>Bonne lecture.</p>' in shown
    assert '<h1 dir="auto" lang="fr">Elles répondent</h1>' in shown
    assert re.search(r'<blockquote lang="fr"> <p dir="auto">She answers every question', shown)


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (0, "لم يبقَ لك ترشيح هذا الأسبوع."),
        (1, "بقي لك ترشيح واحد هذا الأسبوع."),
        (2, "بقي لك ترشيحان هذا الأسبوع."),
        (9, "بقيت لك 9 ترشيحات هذا الأسبوع."),
        (11, "بقي لك 11 ترشيحًا هذا الأسبوع."),
        (100, "بقي لك 100 ترشيح هذا الأسبوع."),
    ],
)
def test_arabic_counts_nominations_in_its_six_forms(left: int, told: str) -> None:
    with translation.override("ar"):
        said = translation.ngettext("%(left)s nomination left this week.", "%(left)s nominations left this week.", left)

    assert (said % {"left": left} if "%" in said else said) == told


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("de", "Ein Grund hat 20 bis 500 Zeichen; deiner hat 3. Oder stimm einfach ab."),
        ("ar", "السبب من 20 إلى 500 حرفًا؛ وسببك 3. أو صوّت فقط."),
    ],
)
def test_a_refusal_is_told_in_the_readers_language_and_what_was_typed_is_still_there(
    client: Client, nominated: Callable[..., Nomination], grace: User, alan: User, code: str, told: str
) -> None:
    nomination = nominated("rosa", by=grace)
    client.force_login(alan)

    shown = page(client, f"{BOARD}nominations/{nomination.pk}/vote/", code, deed="second", reason="wow")

    assert told in shown
    assert "> wow</textarea>" in shown


def test_a_forms_own_words_are_german_and_so_are_djangos(client: Client, edition: Edition, grace: User) -> None:
    client.force_login(grace)

    shown = page(client, f"{BOARD}nominate/", "de", handle="", reason="")

    assert "Wem sollten wir folgen?</label>" in shown
    assert "20 bis 500 Zeichen. Wird mit deinem Namen gezeigt." in shown
    assert "Dieses Feld ist zwingend erforderlich." in shown


def test_a_state_has_its_name_in_german_at_the_desk(client: Client, draft: Edition, ada: User) -> None:
    client.force_login(ada)

    shown = page(client, f"/desk/custserv/{draft.week}/", "de")

    assert "<span>Bereit</span>" in shown
    assert "3 Stimmen" in shown
    assert "Freigeben: erscheint am Freitag 09:00" in shown


def test_what_went_wrong_was_written_down_in_english_and_is_read_in_german(
    client: Client, published: Edition, channel: Channel, ada: User
) -> None:
    Channel.objects.update(trouble="We were restored from a backup. Let it go on when all is well.")
    client.force_login(ada)

    assert "Wir wurden aus einer Sicherung wiederhergestellt." in page(client, "/desk/custserv/", "de")
    Channel.objects.update(trouble="503 Service <Unavailable> 100%")  # a server's own words stay as they are
    assert "503 Service &lt;Unavailable&gt; 100%" in page(client, "/desk/custserv/", "de")


def test_a_feed_speaks_its_communitys_language_whoever_reads_it(client: Client, published: Edition) -> None:
    Community.objects.update(language="de")

    feeds = [page(client, f"{BOARD}feed.atom", code) for code in ("en", "ar", "de")]

    assert "Auf der Seite lesen" in feeds[0]
    assert feeds[0] == feeds[1] == feeds[2]


@pytest.mark.parametrize("address", ["/c/nowhere/", "/desk/custserv/"])
def test_even_what_is_not_there_or_not_theirs_is_told_in_arabic(
    client: Client, edition: Edition, grace: User, address: str
) -> None:
    client.force_login(grace)

    shown = page(client, address, "ar")

    assert '<html lang="ar" dir="rtl">' in shown
    assert "لا شيء هنا" in shown or "غرفة التحرير هذه لمشرفي المجتمع." in shown


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("alice", "In welchem Netzwerk ist “alice”?"),
        ("@alice@localhost", "“localhost” sieht nicht nach einem Server aus"),
    ],
)
def test_what_a_piece_without_languages_refuses_is_told_in_german(
    client: Client, edition: Edition, grace: User, typed: str, said: str
) -> None:
    client.force_login(grace)

    shown = page(client, f"{BOARD}nominate/", "de", handle=typed, network="", reason="Her letters are worth the wait.")

    assert said in shown


def test_an_edition_without_a_title_is_called_something_in_its_communitys_language(published: Edition) -> None:
    Community.objects.update(language="de")
    published.refresh_from_db()

    with translation.override("ar"):
        assert published.headline == "#custserv empfiehlt"
