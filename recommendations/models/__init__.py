"""The nouns. One to a file; each keeps its own rules and knows no network and no verb."""

from recommendations.models.attempt import Attempt
from recommendations.models.block import Block
from recommendations.models.channel import Channel
from recommendations.models.community import Community, Gathering
from recommendations.models.delivery import Delivery, Post
from recommendations.models.edition import Edition
from recommendations.models.entry import Entry, Quote
from recommendations.models.follow import Follow, Following
from recommendations.models.heartbeat import Heartbeat
from recommendations.models.membership import Invitation, Membership
from recommendations.models.moderation import Moderation
from recommendations.models.native_list import NativeList
from recommendations.models.nomination import Nomination, Vote
from recommendations.models.profile import DoNotList, FormerHandle, Profile
from recommendations.models.thanks import Thanks

__all__ = [
    "Attempt",
    "Block",
    "Channel",
    "Community",
    "Delivery",
    "DoNotList",
    "Edition",
    "Entry",
    "Follow",
    "Following",
    "FormerHandle",
    "Gathering",
    "Heartbeat",
    "Invitation",
    "Membership",
    "Moderation",
    "NativeList",
    "Nomination",
    "Post",
    "Profile",
    "Quote",
    "Thanks",
    "Vote",
]
