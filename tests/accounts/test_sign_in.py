"""Signing in with a network: who comes in, who does not, and what is said."""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import views
from accounts.forms import BlueskyDoorForm, MastodonDoorForm
from accounts.models import LinkedHandle, User
from accounts.provider import uid_of
from recommendations.handles import Handle, Network, is_at_handle
from tests.accounts.conftest import Visitor
from tests.fakes.internet import Reply
from tests.fakes.mastodon_oauth import MastodonOAuthServer

pytestmark = pytest.mark.django_db

URI = "https://mastodon.test/users/ada"


def test_whoever_is_new_has_an_account_with_a_proven_handle_and_without_an_e_mail_address(
    visitor: Visitor, server: MastodonOAuthServer
) -> None:
    landed = visitor.enter(server, "ada")

    user = User.objects.get()
    assert (visitor.who, landed.redirect_chain[-1][0]) == (user.pk, "/me/")
    assert (user.display_name, user.email, user.username[:2]) == ("Ada", "", "m-")
    assert not user.has_usable_password()
    assert not EmailAddress.objects.exists()
    linked = LinkedHandle.objects.get()
    assert (linked.user, str(linked), linked.uri) == (user, "@ada@mastodon.test", URI)
    assert linked.proven_at is not None
    assert SocialAccount.objects.get().uid == f"https://mastodon.test {URI}"
    assert server.tokens == {}, "no token is kept: all we wanted was to know who it is"


def test_who_comes_again_is_the_same_person_with_a_new_session(visitor: Visitor, server: MastodonOAuthServer) -> None:
    visitor.enter(server, "ada")
    first = visitor.session.session_key
    other = Visitor()
    other.get("/accounts/login/")
    begun = other.post("/accounts/login/with/mastodon/", {"mastodon": "@ada@mastodon.test"})
    before = other.session.session_key

    other.get(server.consent(other.onward(begun), "ada"))

    assert User.objects.count() == 1
    assert other.who == visitor.who
    assert other.session.session_key not in (first, before)
    assert UserSession.objects.count() == 2


def test_a_new_handle_is_learnt_and_an_old_one_forgotten(visitor: Visitor, server: MastodonOAuthServer) -> None:
    visitor.enter(server, "ada")
    user = User.objects.get()
    claim = LinkedHandle.objects.create(user=user, network="mastodon", name="lovelace", host="mastodon.test")
    server.add_person("lovelace", uri=URI)
    server.fingers["acct:lovelace@mastodon.test"]["links"][0]["href"] = URI
    server.actors["/users/ada"]["preferredUsername"] = "lovelace"

    Visitor().enter(server, "lovelace")

    linked = LinkedHandle.objects.get()
    assert (str(linked), linked.uri, linked.user) == ("@lovelace@mastodon.test", URI, user)
    assert not LinkedHandle.objects.filter(pk=claim.pk).exists()


def test_a_second_factor_is_asked_for(visitor: Visitor, server: MastodonOAuthServer) -> None:
    visitor.enter(server, "ada")
    user = User.objects.get()
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    other = Visitor()

    landed = other.enter(server, "ada")

    assert landed.redirect_chain[-1][0] == "/accounts/2fa/authenticate/"
    assert other.who is None


def test_one_comes_back_to_where_one_was_but_never_to_another_site(
    visitor: Visitor, server: MastodonOAuthServer
) -> None:
    for wanted, landed in (
        ("/c/", "/c/"),
        ("https://evil.test/", "/me/"),
        ("//evil.test/", "/me/"),
        ("javascript:alert(1)", "/me/"),
        ("\\\\evil.test", "/me/"),
    ):
        response = Visitor().enter(server, "ada", follow=False, next=wanted)

        assert response["Location"] == landed, wanted


def test_an_account_that_somebody_else_has_proven_opens_nothing(
    visitor: Visitor, server: MastodonOAuthServer, alan: User
) -> None:
    LinkedHandle.objects.create(
        user=alan, network="mastodon", name="ada", host="mastodon.test", uri=URI, proven_at=timezone.now()
    )

    landed = visitor.enter(server, "ada")

    assert "belongs to a member here already" in landed.content.decode()
    assert visitor.who is None
    assert User.objects.get() == alan


def test_two_who_prove_the_same_at_once_do_not_both_get_it(
    visitor: Visitor, server: MastodonOAuthServer, alan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete = views.enter.__globals__["complete_social_login"]

    def overtaken(request, login):
        response = complete(request, login)
        LinkedHandle.objects.create(user=alan, network="mastodon", name="x", uri=URI, proven_at=timezone.now())
        return response

    monkeypatch.setitem(views.enter.__globals__, "complete_social_login", overtaken)

    landed = visitor.enter(server, "ada")

    assert "Somebody else has proven" in landed.content.decode()
    assert visitor.who is None
    assert not SocialAccount.objects.exists()


def test_who_may_not_sign_in_does_not(visitor: Visitor, server: MastodonOAuthServer) -> None:
    visitor.enter(server, "ada")
    User.objects.update(is_active=False)
    other = Visitor()

    assert other.enter(server, "ada").status_code == 200
    assert other.who is None


def test_no_e_mail_address_of_a_network_opens_or_makes_anything(
    visitor: Visitor, server: MastodonOAuthServer, alan: User
) -> None:
    EmailAddress.objects.create(user=alan, email="alan@example.com", verified=True, primary=True)
    server.accounts["ada"] |= {"email": "alan@example.com", "email_verified": True}

    visitor.enter(server, "ada")

    assert visitor.who not in (None, alan.pk)
    assert EmailAddress.objects.count() == 1


def test_a_name_is_one_clean_line(visitor: Visitor, server: MastodonOAuthServer) -> None:
    server.accounts["ada"]["display_name"] = "Ada\u202e\n\ud800<b>" + "x" * 500

    visitor.enter(server, "ada")

    assert User.objects.get().display_name.startswith("Ada ")
    assert len(User.objects.get().display_name) <= 60


def test_who_says_no_is_back_at_the_entrance_with_a_friendly_word(
    visitor: Visitor, server: MastodonOAuthServer
) -> None:
    begun = visitor.post("/accounts/login/with/mastodon/", {"mastodon": server.host, "next": "/c/"})

    back = visitor.get(server.consent(visitor.onward(begun), "ada", agree=False), follow=True)

    assert back.redirect_chain[-1][0] == "/accounts/login/?next=%2Fc%2F"
    assert "You said no there, so nothing has changed here." in back.content.decode()


def test_whoever_is_signed_in_already_goes_on(visitor: Visitor, server: MastodonOAuthServer, alan: User) -> None:
    visitor.force_login(alan)

    assert visitor.post("/accounts/login/with/mastodon/", {"mastodon": server.host})["Location"] == "/me/"


@pytest.mark.parametrize(
    ("network", "typed", "words"),
    [
        ("mastodon", "", "This field is required."),
        ("mastodon", "no such thing", "does not look like a server"),
        ("mastodon", "nowhere.test", "cannot be reached"),
        ("mastodon", "@nobody@mastodon.test", "does not know"),
        ("mastodon", "@ada@x.com", "is on X, not on Mastodon"),
        ("mastodon", "https://mastodon.test/about", "does not know"),
        ("mastodon", "127.0.0.1", "does not look like a server"),
        ("bluesky", "ada", "not a whole Bluesky handle"),
        ("bluesky", "@ada@mastodon.test", "is on Mastodon, not on Bluesky"),
        ("bluesky", "nobody.test", "cannot"),
        ("bluesky", "a\x00b", "Null characters"),
        ("mastodon", "<script>" * 500, "at most"),
    ],
)
def test_what_does_not_work_out_is_said_in_the_form_which_keeps_what_was_typed(
    visitor: Visitor, server: MastodonOAuthServer, network: str, typed: str, words: str
) -> None:
    response = visitor.post(f"/accounts/login/with/{network}/", {network: typed, "next": "/c/"})

    form = response.context[f"{network}_form"]
    page = response.content.decode()
    assert response.status_code == 422
    assert words in str(form.errors)
    assert form[network].value() == typed
    assert 'value="/c/"' in page
    assert "Send me a code" in page
    assert visitor.who is None


def test_a_server_may_be_named_in_several_ways(visitor: Visitor, server: MastodonOAuthServer) -> None:
    for typed in ("mastodon.test", " HTTPS://Mastodon.test/ ", "ada@mastodon.test", "https://mastodon.test/@ada"):
        assert "https://mastodon.test/oauth/authorize" in visitor.onward(
            visitor.post("/accounts/login/with/mastodon/", {"mastodon": typed})
        )


def test_there_are_two_such_doors(visitor: Visitor) -> None:
    assert visitor.post("/accounts/login/with/x/", {"x": "ada"}).status_code == 404
    assert visitor.get("/accounts/login/with/mastodon/").status_code == 405


def test_nobody_makes_us_ask_without_end(visitor: Visitor, server: MastodonOAuthServer) -> None:
    for _ in range(20):
        visitor.post("/accounts/login/with/mastodon/", {"mastodon": "@ada@mastodon.test"})
    asked = len(server.asked)

    response = visitor.post("/accounts/login/with/mastodon/", {"mastodon": "@ada@mastodon.test"})

    assert (response.status_code, len(server.asked)) == (422, asked)
    assert "wait a minute" in response.content.decode()


def test_a_server_that_breaks_down_meanwhile_is_named(visitor: Visitor, server: MastodonOAuthServer) -> None:
    begun = visitor.post("/accounts/login/with/mastodon/", {"mastodon": server.host})
    back = server.consent(visitor.onward(begun), "ada")
    server.instead["/oauth/token"] = Reply(503)

    landed = visitor.get(back, follow=True)

    assert "mastodon.test cannot answer at the moment" in landed.content.decode()


def test_an_address_too_long_to_be_kept_still_has_one_owner() -> None:
    long = "https://mastodon.test/users/" + "a" * 400

    assert len(uid_of(Network.MASTODON, long)) <= 191
    assert uid_of(Network.MASTODON, long) != uid_of(Network.MASTODON, long + "a")
    assert uid_of(Network.BLUESKY, "did:plc:x") == "did:plc:x"


# Our own machine, and who we are


def test_on_ones_own_machine_the_answer_is_handed_over_to_where_the_session_lives(visitor: Visitor) -> None:
    response = visitor.get("/oauth/bluesky/?state=a&code=b&iss=c", HTTP_HOST="127.0.0.1:8000")

    assert response["Location"] == "http://localhost:8000/oauth/bluesky/?state=a&code=b&iss=c"


def test_what_bluesky_reads_about_us_is_where_we_say(visitor: Visitor, settings: object) -> None:
    settings.FF_BASE_URL = "https://ff.example"  # type: ignore[attr-defined]

    response = visitor.get("/oauth/bluesky/client-metadata.json")

    about_us = response.json()
    assert response["Content-Type"] == "application/json"
    assert about_us["client_id"] == "https://ff.example/oauth/bluesky/client-metadata.json"
    assert about_us["redirect_uris"] == ["https://ff.example/oauth/bluesky/"]


@pytest.mark.parametrize(
    "path",
    [
        "/oauth/mastodon/mastodon.test/",
        "/oauth/mastodon/mastodon.test/?state=x&code=y",
        "/oauth/bluesky/?error=access_denied",
        "/oauth/x/?state=%00%ff",
        "/oauth/mastodon/%F0%9F%98%80/?state=" + "x" * 2_000,
    ],
)
def test_an_answer_nobody_asked_for_leads_to_the_entrance(visitor: Visitor, path: str) -> None:
    response = visitor.get(path, follow=True)

    assert response.redirect_chain[-1][0] == "/accounts/login/"
    assert "begin again" in response.content.decode()


def test_unknown_networks_have_no_address(visitor: Visitor) -> None:
    assert visitor.get("/oauth/friendster/").status_code == 404


def test_the_page_that_leads_there_names_the_server(visitor: Visitor, server: MastodonOAuthServer) -> None:
    page = visitor.post("/accounts/login/with/mastodon/", {"mastodon": server.host})

    query = parse_qs(urlsplit(visitor.onward(page)).query)
    assert "On to <bdi>mastodon.test</bdi>" in page.content.decode()
    assert query["redirect_uri"] == ["http://localhost:8000/oauth/mastodon/mastodon.test/"]
    assert page["Cache-Control"].startswith("max-age=0")


@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_whatever_is_typed_at_a_door_is_a_value_or_an_error(typed: str) -> None:
    for form in (MastodonDoorForm({"mastodon": typed}), BlueskyDoorForm({"bluesky": typed})):
        assert form.is_valid() is not bool(form.errors)
        if form.is_valid():
            assert isinstance(form.who, Handle) or is_at_handle(form.who)
