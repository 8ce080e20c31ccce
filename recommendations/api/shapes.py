"""What goes over the wire. Shapes of nouns read themselves off the noun (`from_orm`); the rest is put together
where it is answered.
"""

from datetime import datetime
from typing import Annotated, Any

from django.conf import settings
from ninja import Schema
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from recommendations.consent import Purpose, Viewer
from recommendations.handles import Network
from recommendations.markup import clean_line
from recommendations.models import Comment, Community, Delivery, Edition, Profile
from recommendations.models.board import Card
from recommendations.models.reading import Line, lines


def _address(path: str) -> str:
    return f"{settings.FF_BASE_URL}{path}"


class Unreadable(Schema):
    """One thing that could not be read."""

    where: list[str]
    what: str


class Problem(Schema):
    """An error (RFC 9457). `detail` is for the person."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = Field(None, description="What of the request it is about, where it is about one thing")
    scope: str | None = Field(None, description="With 403: the scope that the token lacks, where that is why")
    errors: list[Unreadable] | None = Field(None, description="With 422: all that could not be read")


class CommunityOut(Schema):
    slug: str
    name: str
    hashtag: str
    description: str
    language: str
    time_zone: str
    list_size: int
    url: str

    @staticmethod
    def resolve_url(found: Community) -> str:
        return _address(found.get_absolute_url())


class ProfileOut(Schema):
    network: Network
    handle: str
    name: str = Field(alias="display_name", serialization_alias="name")
    url: str = Field(alias="page_url", serialization_alias="url")
    page: str = Field(description="The person's page here")
    uri: str | None = Field(description="Permanent; null as long as nobody has answered a look-up")

    @staticmethod
    def resolve_handle(found: Profile) -> str:
        return str(found.handle)

    @staticmethod
    def resolve_page(found: Profile) -> str:
        return _address(found.get_absolute_url())


class ReasonOut(Schema):
    text: str
    by: str

    @staticmethod
    def of(text: str, author: object) -> dict[str, Any]:
        """A reason and who gave it, who may be gone."""
        return {"text": text, "by": str(author or "")}


class NominationOut(Schema):
    id: int
    profile: ProfileOut
    reason: ReasonOut | None = Field(description="null where whom it is about does not want it to be read")
    seconds: list[ReasonOut]
    voted: bool = Field(description="Whether you approve of it (false without a token)")

    @staticmethod
    def of(card: Card) -> dict[str, Any]:
        """A card of the board."""
        lead, *seconds = card.quotes or (None,)
        return {
            "id": card.nomination.pk,
            "profile": card.profile,
            "reason": ReasonOut.of(lead.text, lead.author) if lead else None,
            "seconds": [ReasonOut.of(second.text, second.author) for second in seconds if second],
            "voted": card.vote is not None,
        }


class BoardOut(Schema):
    week: str
    opens_at: datetime
    closes_at: datetime
    publishes_at: datetime
    open: bool
    voters: int = Field(description="How many people have voted; the rest is told when it closes")
    seed_hash: str = Field(description="SHA-256 of the seed that will break ties; the list will tell the seed")
    nominations: list[NominationOut]


class EditionOut(Schema):
    number: int
    week: str
    title: str
    special: bool
    published_at: datetime
    url: str

    @staticmethod
    def resolve_title(found: Edition) -> str:
        return found.headline

    @staticmethod
    def resolve_url(found: Edition) -> str:
        return _address(found.get_absolute_url())


class EntryOut(Schema):
    rank: int
    profile: ProfileOut | None = Field(description="null where somebody does not wish to be shown")
    reasons: list[ReasonOut]
    score: int | None = Field(description="Votes, or by circles rounded points; null where a curator chose")
    supporters: int | None = Field(description="How many votes counted")
    explanation: dict[str, int] | None = Field(description="The same as an object: what is published of the votes")

    @staticmethod
    def of(line: Line) -> dict[str, Any]:
        """One line; of a tombstone only its rank."""
        why = line.explanation if line.shown else None
        return {
            "rank": line.rank,
            "profile": line.profile if line.shown else None,
            "reasons": [ReasonOut.of(quote.text, quote.author) for quote in line.quotes] if line.shown else [],
            "score": why.points if why else None,
            "supporters": why.supporters if why else None,
            "explanation": why.told() if why else None,
        }


class EditionWhole(EditionOut):
    essay: str = Field(description="Markdown")
    closing: str = Field(description="Markdown")
    ballots: int
    entries: list[EntryOut]

    @staticmethod
    def resolve_entries(found: Edition) -> list[dict[str, Any]]:
        return [EntryOut.of(line) for line in lines(found, viewer=Viewer.PUBLIC, purpose=Purpose.PAGE)]


class CommentOut(Schema):
    id: int
    answer_to: int | None = Field(alias="answer_to_id", serialization_alias="answer_to")
    by: str = Field(description="Empty when they have left")
    text: str | None = Field(description="Markdown; null where a curator has hidden it")
    created_at: datetime
    edited_at: datetime | None
    url: str

    @staticmethod
    def resolve_by(found: Comment) -> str:
        return str(found.author or "") if found.is_standing else ""

    @staticmethod
    def resolve_text(found: Comment) -> str | None:
        return found.text if found.is_standing else None

    @staticmethod
    def resolve_url(found: Comment) -> str:
        return _address(found.get_absolute_url())


class WeekOut(Schema):
    week: str
    state: str
    number: int | None
    title: str
    opens_at: datetime
    closes_at: datetime
    publishes_at: datetime
    approved: bool
    held: str | None = Field(description="Why it is held; null when it is not")
    ballots: int
    entries: list[EntryOut]

    @staticmethod
    def of(found: Edition, listed: list[Line]) -> dict[str, Any]:
        """An edition as its curators see it."""
        plain = ("week", "state", "number", "title", "opens_at", "closes_at", "publishes_at", "ballots")
        return {name: getattr(found, name) for name in plain} | {
            "approved": found.approved_at is not None,
            "held": found.held_why if found.is_held else None,
            "entries": [EntryOut.of(line) for line in listed],
        }


class PostOut(Schema):
    part: int
    state: str
    text: str
    url: str = Field(alias="remote_url", serialization_alias="url")
    trouble: str


class DeliveryOut(Schema):
    id: int
    week: str
    channel: str
    network: Network
    rehearsal: bool
    state: str
    posts: list[PostOut]

    @staticmethod
    def resolve_week(found: Delivery) -> str:
        return found.edition.week

    @staticmethod
    def resolve_channel(found: Delivery) -> str:
        return str(found.channel.handle)

    @staticmethod
    def resolve_network(found: Delivery) -> str:
        return found.channel.network

    @staticmethod
    def resolve_posts(found: Delivery) -> list[Any]:
        return list(found.posts.all())


class Given(BaseModel):
    """What comes in. Ninja's own Schema would read any JSON at all as an object without attributes."""

    model_config = ConfigDict(extra="forbid")


class NominationIn(Given):
    handle: str = Field(min_length=1, max_length=3000)
    reason: str = Field(max_length=4000)
    network: Network | None = None


class VoteIn(Given):
    reason: str = Field(default="", max_length=4000)


class WhyIn(Given):
    why: Annotated[str, AfterValidator(lambda text: clean_line(text, 300))] = Field(
        default="", max_length=300, description="Needed to hold and to skip"
    )


class NominationDone(Schema):
    id: int
    seconded: bool
    detail: str


class Detail(Schema):
    detail: str
