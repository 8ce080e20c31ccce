"""Everything held about somebody is in their archive, nobody else's private matters are, and no secret."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile

from accounts.models import ApiToken, User
from recommendations.actions.answer import thank
from recommendations.actions.appeal import answer_appeal, appeal
from recommendations.actions.comment import comment
from recommendations.actions.export import COVERS, SECTIONS, WITHHELD, export
from recommendations.actions.invite import invite
from recommendations.actions.join import give_role, join
from recommendations.actions.moderate import decide
from recommendations.actions.nominate import nominate
from recommendations.actions.opt_out import opt_out
from recommendations.actions.report import report
from recommendations.actions.vote import approve
from recommendations.models import (
    Appeal,
    Block,
    Edition,
    Erasure,
    Follow,
    Following,
    FormerHandle,
    Letter,
    Membership,
    Moderation,
    Nomination,
    Profile,
    Quote,
    Wish,
)
from recommendations.models.reported import find
from recommendations.models.said import find as reason_of
from tests.conftest import FRIDAY, MONDAY
from tests.recommendations.actions.conftest import REASON

pytestmark = pytest.mark.django_db

LATER = FRIDAY + timedelta(hours=1)
NEXT = FRIDAY + timedelta(days=2)
OWN = "Rosa's own words, which are nobody else's."


def relations() -> set[str]:
    """Every relation of a row to somebody, or to a profile: "app.Model.field"."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in [*model._meta.fields, *model._meta.many_to_many]
        if field.related_model in (User, Profile)
    }


def archive(user) -> dict[str, object]:
    file = io.BytesIO()
    export(user=user, into=file, at=LATER)
    with zipfile.ZipFile(file) as opened:
        return {
            name: json.loads(opened.read(name)) if name.endswith(".json") else opened.read(name)
            for name in opened.namelist()
        }


@pytest.fixture
def rosa(proven, community, published, channel, grace, alan, ada, curator, on_mastodon, person, settings, tmp_path):
    """She has done all that one can do here, and all that one can do to her was done."""
    settings.MEDIA_ROOT = tmp_path
    rosa = proven("rosa")
    User.objects.filter(pk=rosa.pk).update(email="rosa@post.example")
    join(community=community, user=rosa, agreed=True, at=LATER)
    EmailAddress.objects.create(user=rosa, email="rosa@post.example", verified=True, primary=True)
    SocialAccount.objects.create(
        user=rosa, provider="mastodon", uid="https://social.example x", extra_data={"handle": "h"}
    )
    Authenticator.objects.create(user=rosa, type="totp", data={"secret": "TOPSECRET"})
    ApiToken.objects.issue(rosa, "My script")
    UserSession.objects.create(user=rosa, session_key="SESSIONKEY", ip="203.0.113.7", user_agent="A browser")
    profile = Profile.objects.get(name="rosa")
    profile.avatar.save("avatar.webp", ContentFile(b"RIFFpicture"))
    FormerHandle.objects.create(profile=profile, network="mastodon", name="rosalind", host="old.example")
    thank(reason=reason_of(rosa, f"quote-{Quote.objects.get(author=grace).pk}"), by=rosa)

    edition = community.editions.get(state="open")
    nomination = nominate(by=rosa, edition=edition, handle=on_mastodon("hedy"), reason=OWN, at=NEXT).nomination
    other = nominate(by=alan, edition=edition, handle=on_mastodon("joan"), reason=REASON, at=NEXT)
    approve(by=rosa, nomination=other.nomination, reason=f"{OWN} A second.", at=NEXT)
    Block.objects.create(profile=profile, blocked=person("Joan"))
    comment(by=rosa, edition=published, text=f"{OWN} A comment.", at=LATER)
    report(by=rosa, thing=find(f"nomination-{other.nomination.pk}"), type="unkind", words="I report.", at=NEXT)
    report(by=grace, thing=find(f"nomination-{nomination.pk}"), type="unkind", words="HERS IS SECRET", at=NEXT)
    (decision,) = decide(thing=find(f"nomination-{nomination.pk}"), by=ada, deeds=["warn"], words="Mind it.", at=NEXT)
    made = appeal(decision=decision, by=rosa, words="I appeal.", at=NEXT)
    answer_appeal(appeal=made, by=person("Barbara", is_staff=True), overturn=False, words="No.", at=NEXT)

    give_role(membership=community.memberships.get(user=rosa), role="curator", by=curator)
    hers = community.memberships.select_related("community").get(user=rosa)
    invite(by=hers)
    Moderation.objects.create(community=community, by=rosa, role="curator", kind="hold", reason="She waited.")
    Appeal.objects.filter(pk=made.pk).update(decided_by=rosa)
    Edition.objects.filter(pk=published.pk).update(approved_by=rosa, held_by=rosa)
    opt_out(domain="strict.example", by=rosa, at=NEXT)
    kind = ContentType.objects.get_for_model(Profile)
    LogEntry.objects.create(user=rosa, content_type=kind, object_id="1", object_repr="Somebody", action_flag=CHANGE)
    job = Following.objects.create(user=rosa, community=community, network="mastodon", sealed_secret="SEALED")
    Follow.objects.create(following=job, profile=Profile.objects.get(name="emma"), due_at=NEXT, outcome="followed")
    Wish.objects.create(user=rosa, kind="second", in_app=True, by_mail=True)
    Letter.objects.create(user=rosa, key="k", created_at=NEXT, due_at=NEXT)
    Erasure.objects.create(user=rosa, asked_at=NEXT)
    Quote.objects.create(entry=published.entries.get(profile__name="emma"), position=9, author=rosa, text=OWN)
    return User.objects.get(pk=rosa.pk)


def test_every_relation_to_somebody_is_known(db):
    assert relations() == set(COVERS) | set(WITHHELD)
    assert set(COVERS).isdisjoint(WITHHELD)
    assert set(COVERS.values()) | {"account", "said_of_me"} == set(SECTIONS)


def test_every_file_tells_something_of_who_has_done_everything(rosa):
    told = archive(rosa)

    for name in SECTIONS:
        assert told[f"{name}.json"], name


def test_the_readme_explains_each_file(rosa):
    told = archive(rosa)

    readme = told["README.txt"].decode()
    assert "everything Follow Friday holds about Rosa" in readme
    for name in told:
        assert name.partition("/")[0] in readme or name == "README.txt"


def test_their_words_are_there_whole(rosa):
    told = archive(rosa)

    assert [each["reason"] for each in told["nominations.json"]] == [OWN]
    assert f"{OWN} A second." in [each["reason"] for each in told["votes.json"]]
    assert [each["text"] for each in told["quotes.json"]] == [OWN]
    assert [each["text"] for each in told["comments.json"]] == [f"{OWN} A comment."]
    assert [each["words"] for each in told["reports.json"]] == ["I report."]
    assert [each["words"] for each in told["appeals.json"]] == ["I appeal."]
    assert told["account.json"][0]["email"] == "rosa@post.example"
    assert told["sessions.json"][0]["ip"] == "203.0.113.7"
    assert told["followings.json"][0]["people"][0]["name"] == "emma"


def test_what_was_said_and_decided_about_them_is_there(rosa):
    told = archive(rosa)

    assert any(each["words"] == "Mind it." for each in told["decisions.json"])
    (profile,) = told["profiles.json"]
    assert (profile["uri"], profile["display_name"]) == ("https://social.example/users/rosa", "Rosa")
    assert profile["former_handles"][0]["name"] == "rosalind"
    assert profile["entries"][0]["rank"] == 1
    assert told[f"pictures/{profile['number']}.webp"] == b"RIFFpicture"


def test_a_missing_picture_is_no_trouble(rosa):
    Profile.objects.filter(name="rosa").update(avatar="avatars/gone.webp")

    assert not any(name.startswith("pictures/") for name in archive(rosa))


def test_what_was_said_is_told_as_their_own_page_tells_it(nominated, proven, grace, alan):
    rosa = proven("rosa")
    nomination = nominated("rosa", by=grace)
    approve(by=alan, nomination=nomination, reason=f"{REASON} Too.", at=MONDAY)

    told = archive(rosa)["said_of_me.json"]

    assert [(each["text"], each["by"]) for each in told] == [(REASON, "Grace"), (f"{REASON} Too.", "Alan")]


def test_no_secret_and_nothing_of_others_is_in_it(rosa):
    whole = json.dumps({name: each if isinstance(each, list) else "" for name, each in archive(rosa).items()})

    for secret in ("TOPSECRET", "SESSIONKEY", "SEALED", "HERS IS SECRET", ApiToken.objects.get().digest):
        assert secret not in whole
    assert Nomination.objects.exclude(nominator=rosa).exists()
    assert Membership.objects.exclude(user=rosa).exists()


def test_who_has_done_nothing_has_an_archive_too(person):
    told = archive(person("Edsger"))

    assert told["votes.json"] == []
    assert told["account.json"][0]["username"] == "edsger"
