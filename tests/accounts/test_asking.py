"""Asking a network whether we may: one browser, one use, ten minutes; and the answer held for whoever asked."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone

from accounts.asking import NotGranted, begin, finish, hold, take
from accounts.models import OAuthApp, User
from recommendations import seals
from recommendations.handles import Network
from recommendations.networks.base import Unavailable
from tests.accounts.conftest import Visitor
from tests.accounts.test_sign_in import URI
from tests.fakes.mastodon_oauth import MastodonOAuthServer

pytestmark = pytest.mark.django_db

PURPOSE = "channel:custserv"
SCOPES = ("profile", "write:statuses")


@pytest.fixture
def request_of(rf: RequestFactory) -> Any:
    """A request in a browser's session: request_of(user), and again with the same session."""

    def make(user: User, session: SessionStore | None = None) -> HttpRequest:
        request = rf.post("/")
        request.user = user
        request.session = session if session is not None else SessionStore()
        return request

    return make


def ask(request: HttpRequest, server: MastodonOAuthServer, **more: Any) -> str:
    wanted = {"network": Network.MASTODON, "who": server.host, "purpose": PURPOSE, "scopes": SCOPES, "next": "/desk/"}
    return begin(request, **(wanted | more))


def come_back(request: HttpRequest, back: str, home: str = "mastodon.test") -> Any:
    return finish(request, network=Network.MASTODON, home=home, answer=dict(parse_qsl(urlsplit(back).query)))


def test_what_was_granted_waits_for_its_owner_and_is_taken_once(
    request_of: Any, ada: User, server: MastodonOAuthServer
) -> None:
    request = request_of(ada)
    finished = come_back(request, server.consent(ask(request, server), "ada"))
    hold(request, finished)
    later = request_of(ada, request.session)

    assert take(later, "follow:7") is None
    granted = take(later, PURPOSE)

    assert (finished.purpose, finished.next) == (PURPOSE, "/desk/")
    assert granted == finished.granted
    assert (granted.uri, granted.scopes, granted.secret["token"] in server.tokens) == (URI, SCOPES, True)
    assert take(later, PURPOSE) is None


def test_a_view_of_ours_begins_and_takes_over_http(visitor: Visitor, server: MastodonOAuthServer, ada: User) -> None:
    visitor.force_login(ada)
    session = visitor.session
    request = RequestFactory().post("/")
    request.user, request.session = ada, session
    url = ask(request, server, next="/desk/custserv/channels/")
    session.save()

    landed = visitor.get(server.consent(url, "ada"))

    assert landed["Location"] == "/desk/custserv/channels/"
    request.session = visitor.session
    assert take(request, PURPOSE).uri == URI


def test_nothing_of_it_can_be_read_in_the_sessions(request_of: Any, ada: User, server: MastodonOAuthServer) -> None:
    request = request_of(ada)
    url = ask(request, server)
    begun = str(dict(request.session))
    finished = come_back(request, server.consent(url, "ada"))
    hold(request, finished)

    assert "secret-1" not in begun
    assert finished.granted.secret["token"] not in str(dict(request.session))
    assert "secret-1" not in OAuthApp.objects.get().sealed


def test_an_answer_works_once(request_of: Any, ada: User, server: MastodonOAuthServer) -> None:
    request = request_of(ada)
    back = server.consent(ask(request, server), "ada")
    come_back(request, back)

    with pytest.raises(NotGranted, match="begin again"):
        come_back(request, back)


def test_an_answer_is_for_the_browser_that_asked(
    request_of: Any, ada: User, grace: User, server: MastodonOAuthServer
) -> None:
    request = request_of(ada)
    back = server.consent(ask(request, server), "ada")

    with pytest.raises(NotGranted, match="another browser"):
        come_back(request_of(ada), back)
    with pytest.raises(NotGranted):  # somebody else has signed in there meanwhile
        come_back(request_of(grace, request.session), back)


def test_what_was_granted_is_for_who_asked(
    request_of: Any, ada: User, grace: User, server: MastodonOAuthServer
) -> None:
    request = request_of(ada)
    hold(request, come_back(request, server.consent(ask(request, server), "ada")))

    assert take(request_of(grace, request.session), PURPOSE) is None


@pytest.mark.parametrize("minutes", [10, 11])
def test_after_ten_minutes_it_is_over(request_of: Any, ada: User, server: MastodonOAuthServer, minutes: int) -> None:
    request = request_of(ada)
    first, second = (server.consent(ask(request, server), "ada") for _ in range(2))
    hold(request, come_back(request, first))

    with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False):
        with pytest.raises(NotGranted, match="ten minutes"):
            come_back(request, second)
        assert take(request, PURPOSE) is None


def test_an_answer_counts_only_at_the_address_of_the_server_that_was_asked(
    request_of: Any, ada: User, server: MastodonOAuthServer
) -> None:
    request = request_of(ada)
    for network, home in ((Network.MASTODON, "honest.test"), (Network.MASTODON, ""), (Network.BLUESKY, server.host)):
        answer = dict(parse_qsl(urlsplit(server.consent(ask(request, server), "ada")).query))

        with pytest.raises(NotGranted, match="wrong address") as refused:
            finish(request, network=network, home=home, answer=answer)

        assert (refused.value.purpose, refused.value.next) == (PURPOSE, "/desk/")
    assert all(token["as"] == "" for token in server.tokens.values()), "nothing was traded for a token of Ada's"


@pytest.mark.parametrize("next", ["https://evil.test/", "//evil.test", "", "desk/", "/\\evil.test"])
def test_one_never_goes_on_to_another_site(request_of: Any, ada: User, server: MastodonOAuthServer, next: str) -> None:
    request = request_of(ada)

    assert come_back(request, server.consent(ask(request, server, next=next), "ada")).next == "/me/"


def test_a_registration_is_kept_for_its_server_and_scopes(
    request_of: Any, ada: User, server: MastodonOAuthServer
) -> None:
    request = request_of(ada)
    for _ in range(2):
        ask(request, server)
    ask(request, server, scopes=("profile",))

    assert len(server.apps) == OAuthApp.objects.count() == 2
    assert {str(app) for app in OAuthApp.objects.all()} == {"http://localhost:8000/oauth/mastodon/mastodon.test/"}


def test_a_registration_that_a_server_forgot_is_made_anew(
    request_of: Any, ada: User, server: MastodonOAuthServer
) -> None:
    request = request_of(ada)
    back = server.consent(ask(request, server), "ada")
    server.apps.clear()

    with pytest.raises(NotGranted, match="forgotten us"):
        come_back(request, back)

    assert not OAuthApp.objects.exists()
    assert come_back(request, server.consent(ask(request, server), "ada")).granted.uri == URI
    server.apps.clear()
    assert come_back(request, server.consent(ask(request, server), "ada")).granted.uri == URI
    assert OAuthApp.objects.count() == 1


def test_what_was_sealed_with_a_lost_key_is_as_if_it_had_never_been(
    request_of: Any, ada: User, server: MastodonOAuthServer, settings: Any
) -> None:
    request = request_of(ada)
    back = server.consent(ask(request, server), "ada")
    settings.FF_SEAL_KEYS = [seals.new_key()]

    with pytest.raises(NotGranted, match="begin again"):
        come_back(request, back)

    assert come_back(request, server.consent(ask(request, server), "ada")).granted.uri == URI
    assert OAuthApp.objects.count() == 1


def test_several_tabs_may_be_open_but_not_any_number(request_of: Any, ada: User, server: MastodonOAuthServer) -> None:
    request = request_of(ada)
    backs = [server.consent(ask(request, server), "ada") for _ in range(6)]

    with pytest.raises(NotGranted):
        come_back(request, backs[0])
    assert [come_back(request, back).granted.uri for back in backs[1:]] == [URI] * 5


def test_beginning_is_limited(request_of: Any, ada: User, server: MastodonOAuthServer, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"ask_network": "1/m/ip"}
    ask(request_of(ada), server)

    with pytest.raises(Unavailable, match="wait a minute"):
        ask(request_of(ada), server)
