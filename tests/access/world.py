"""One small world with everything that must not be seen by everyone, and a person for each role."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import ApiToken, LinkedHandle, User
from recommendations.actions.compile import compile_edition
from recommendations.actions.join import found, join
from recommendations.actions.publish import publish
from recommendations.actions.wish import Mails
from recommendations.consent import Signal, Word
from recommendations.models import (
    Appeal,
    Channel,
    Comment,
    Community,
    Edition,
    Following,
    Invitation,
    Membership,
    Moderation,
    Nomination,
    Notification,
    Post,
    Profile,
    Report,
    Vote,
)
from tests.sessions import reauthenticated, with_second_factor

ROLES = (
    "anonymous", "stranger", "member", "left", "pending", "suspended", "banned", "foreign", "curator", "owner",
    "nominee", "nominator", "staff",
)  # fmt: skip
HERE, THERE = "custserv", "gardens"
WEEK = timedelta(days=7)
FOUNDED = datetime(2026, 10, 30, 12, 0, tzinfo=UTC)
MONDAY, THURSDAY, FRIDAY = (datetime(2026, 11, day, 18, 30, tzinfo=UTC) for day in (2, 5, 6))
NOW = MONDAY + 2 * WEEK  # edition 1 is out, the second is a draft, and the board of the third is open

# What is secret, and who may read it: a role everywhere, or `role@` the beginning of an address.
PERSON = "nominee@me/said/ nominee@me/data/"
INSIDERS = "member suspended curator owner nominator"
CURATORS = "curator@desk/ curator@api/ owner@desk/ owner@api/"
SECRETS: dict[str, tuple[str, str]] = {
    "a hidden reason": ("Obscured words about her.", "nominator@me/data/ staff@admin/"),
    "a vetoed reason": (
        "Forbidden words about her.",
        f"{PERSON} nominator@me/data/ staff@admin/",
    ),
    "the name of a person who declined": ("Dorothea Declined", "staff@admin/"),
    "the name of a person for members' eyes": ("Mina Membersonly", f"{INSIDERS} staff@admin/"),
    "a draft's essay": ("Sketched thoughts of the week.", "curator owner staff@admin/"),
    "the name of a person in a draft": ("Wilma Waiting", "curator owner nominator@me/ staff@admin/"),
    "who voted": ("Silent Sigrid", "curator@desk/ owner@desk/ staff@admin/"),
    "a report": ("Tattled words.", "curator@desk/ owner@desk/ nominator@me/ staff@admin/"),
    "another community's report": ("Tattled words of gardens.", "foreign@desk/ staff@admin/"),
    "an appeal": ("Pleading words.", "curator@desk/ owner@desk/ nominator@me/ staff@admin/ staff@moderation/"),
    "an e-mail address": ("author@private.example", "nominator@me/ nominator@accounts/ staff@admin/"),
    "what opens a channel": ("password-of-the-channel", ""),
    "what went wrong with a post": ("Trouble between us.", f"{CURATORS} staff@admin/"),
    "an invitation": ("invitation-code", "curator@desk/ owner@desk/"),
    "a name in a notification": ("Notified Nora", "nominator@me/"),
    "a token's name": ("my-secret-tool", "nominator@me/"),
    "a handle that is not proven": ("unproven@social.example", "nominator@me/ nominator@c/ staff@admin/"),
}


@dataclass
class World:
    """The rows that addresses name, and what signs each role in."""

    people: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, Any] = field(default_factory=dict)
    pk: dict[str, int] = field(default_factory=dict)
    stop: str = ""


def text(secret: str) -> str:
    """Return the marked text of a secret."""
    return SECRETS[secret][0]


def build() -> World:
    """Write the world into the database. The clock must show NOW."""
    world = World()
    for role in (*ROLES[1:], "founder", "voter"):
        named = text("who voted") if role == "voter" else role.title()
        world.people[role] = User.objects.create(
            username=f"{role}1", display_name=named, date_joined=FOUNDED, is_staff=role == "staff",
            is_superuser=role == "staff",
        )  # fmt: skip
    here = _communities(world)
    _editions(world, here)
    _board(world, here)
    _cases(world, here)
    _belongings(world, here)
    world.pk["entry"] = Edition.objects.get(community__slug=HERE, state=Edition.State.READY).entries.all()[0].pk
    for role in ROLES[1:]:
        client = Client()
        client.force_login(world.people[role])
        if role == "staff":
            with_second_factor(client, world.people[role])
        reauthenticated(client, world.people[role])  # what asks who they are has asked: the rest is what is tried
        world.cookies[role] = client.cookies
        world.tokens[role] = ApiToken.objects.issue(world.people[role], "test")[1]
    return world


def _communities(world: World) -> Community:
    people = world.people
    here = found(by=people["owner"], at=FOUNDED, name="Customer Service", slug=HERE, hashtag="custserv")
    there = found(by=people["foreign"], at=FOUNDED, name="Gardens", slug=THERE, hashtag="gardens")
    for role in ("member", "left", "suspended", "banned", "curator", "nominator", "voter", "pending"):
        join(community=here, user=people[role], agreed=True, at=FOUNDED)
    rows = Membership.objects.filter(community=here)
    rows.filter(user=people["left"]).update(state="left")
    rows.filter(user=people["banned"]).update(state="banned")
    rows.filter(user=people["pending"]).update(state="pending")
    rows.filter(user=people["suspended"]).update(suspended_until=NOW + 9 * WEEK)
    rows.filter(user=people["curator"]).update(role="curator")
    world.pk["membership"] = rows.get(user=people["voter"]).pk
    world.pk["membership there"] = there.memberships.get().pk
    for community, name in ((here, ""), (there, " there")):
        channel = Channel(
            community=community, network="bluesky", uri=f"did:fake:{community.slug}", name=f"{community.slug}.example",
            state=Channel.State.LIVE, limits_at=NOW,
            limits={"characters": 300, "bytes": 3000, "images": 4, "alt_length": 2000},
        )  # fmt: skip
        channel.sealed_secret = channel.seal_secret({"account": channel.uri, "token": text("what opens a channel")})
        channel.save()
        world.pk[f"channel{name}"] = channel.pk
        code = f"{text('an invitation')}{name.strip()}"
        invited = Invitation.objects.create(community=community, code=code, created_by=people["founder"], uses_left=9)
        world.pk[f"invitation{name}"] = invited.pk
    return here


def nominate(edition: Edition, by: User, name: str, shown: str, **fields: Any) -> Nomination:
    """Put a person on the board, with a vote that tells nobody."""
    known: dict[str, Any] = {"signal": Signal.AUTOMATIC.value} | fields.pop("profile", {})
    profile, _ = Profile.objects.get_or_create(
        uri=f"https://social.example/users/{name}",
        defaults={
            "network": "mastodon", "name": name, "host": "social.example", "display_name": shown, "checked": True,
            "page_url": f"https://social.example/@{name}", "looked_up_at": NOW, "look_again_at": NOW + WEEK, **known,
        },
    )  # fmt: skip
    given: dict[str, Any] = {"reason": f"Answers every question about {name}."} | fields
    given |= {"created_at": edition.opens_at}
    made = Nomination.objects.create(edition=edition, profile=profile, nominator=by, begun_by=by, **given)
    for voter in (by, User.objects.get(username="voter1")):
        Vote.objects.get_or_create(nomination=made, voter=voter, defaults={"created_at": edition.opens_at})
    return made


def _editions(world: World, here: Community) -> None:
    people = world.people
    for community, name, nominator in (
        (here, "", people["nominator"]), (Community.objects.get(slug=THERE), " there", people["foreign"]),
    ):  # fmt: skip
        first = community.editions.get()
        rosa = nominate(first, nominator, f"rosa{name.strip()}", "Rosa")
        nominate(first, nominator, f"emma{name.strip()}", "Emma")
        compile_edition(edition=first, at=THURSDAY)
        out = publish(edition=Edition.objects.get(pk=first.pk), at=FRIDAY)
        world.pk[f"closed{name}"] = rosa.pk
        world.pk[f"post{name}"] = Post.objects.filter(delivery__edition=out).order_by("step")[0].pk
        said = Comment.objects.create(edition=out, author=nominator, text="A comment.", created_at=NOW)
        world.pk[f"comment{name}"] = said.pk
        world.pk[f"entry{name}"] = out.entries.ranked()[0].pk
        draft = community.editions.get(state=Edition.State.OPEN)
        nominate(draft, nominator, f"wilma{name.strip()}", "Willa" if name else text("the name of a person in a draft"))
        compile_edition(edition=draft, at=THURSDAY + WEEK)
        Edition.objects.filter(pk=draft.pk).update(essay="" if name else text("a draft's essay"))
    Post.objects.update(state=Post.State.NEEDS_HUMAN, trouble=text("what went wrong with a post"))


def _board(world: World, here: Community) -> None:
    board = here.editions.get(state=Edition.State.OPEN)
    nominator = world.people["nominator"]
    made = {
        "open": nominate(board, nominator, "olga", "Olga Open"),
        "hidden": nominate(board, nominator, "hanna", "Hanna", reason=text("a hidden reason"), hidden_at=NOW),
        "declined": nominate(
            board, nominator, "dorothea", text("the name of a person who declined"),
            profile={"word": Word.DECLINED.value},
        ),
        "members only": nominate(
            board, nominator, "mina", text("the name of a person for members' eyes"),
            profile={"signal": Signal.UNKNOWN.value},
        ),
        "vetoed": nominate(board, nominator, "vera", "Vera", reason=text("a vetoed reason"), vetoed_at=NOW),
    }  # fmt: skip
    world.pk |= {name: nomination.pk for name, nomination in made.items()}
    there = Community.objects.get(slug=THERE).editions.get(state=Edition.State.OPEN)
    world.pk["open there"] = nominate(there, world.people["foreign"], "gerda", "Gerda").pk
    for name in ("vera", "rosa"):
        LinkedHandle.objects.create(
            user=world.people["nominee"], network="mastodon", name=name, host="social.example",
            uri=f"https://social.example/users/{name}", proven_at=NOW,
        )  # fmt: skip


def _cases(world: World, here: Community) -> None:
    people = world.people
    for community, name in ((here, ""), (Community.objects.get(slug=THERE), " there")):
        told = Report.objects.create(
            community=community, reporter=people["nominator"] if not name else people["founder"], kind="comment",
            target=world.pk[f"comment{name}"], against=people["voter"], type=Report.Type.values[0],
            words=text("another community's report" if name else "a report"),
        )  # fmt: skip
        world.pk[f"report{name}"] = told.pk
        decided = Moderation.objects.create(
            community=community, by=people["owner" if not name else "foreign"], role="owner",
            kind=Moderation.Kind.SUSPEND, subject="", words="Decided.", affected=people["nominator"],
            until=NOW + WEEK,
        )  # fmt: skip
        appealed = Appeal.objects.create(decision=decided, by=people["nominator"], words=text("an appeal"))
        world.pk[f"appeal{name}"], world.pk[f"decision{name}"] = appealed.pk, decided.pk


def _belongings(world: World, here: Community) -> None:
    mine = world.people["nominator"]
    EmailAddress.objects.create(user=mine, email=text("an e-mail address"), verified=True, primary=True)
    world.pk["token"] = ApiToken.objects.issue(mine, text("a token's name"))[0].pk
    name, _, host = text("a handle that is not proven").partition("@")
    world.pk["handle"] = LinkedHandle.objects.create(user=mine, network="mastodon", name=name, host=host).pk
    world.pk["follow"] = Following.objects.create(user=mine, community=here, network="mastodon").pk
    told = Notification.objects.create(
        user=mine, kind=Notification.Kind.SECOND, key="one", community=here, about="Rosa",
        by=text("a name in a notification"), at=NOW,
    )  # fmt: skip
    world.pk["notification"] = told.pk
    world.stop = Mails(mine.pk, here.pk).token
