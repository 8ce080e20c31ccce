"""The nouns. One to a file; each keeps its own rules and knows no network and no verb."""

from recommendations.models.appeal import Appeal
from recommendations.models.attempt import Attempt
from recommendations.models.block import Block
from recommendations.models.cast_vote_record import CastVoteRecord
from recommendations.models.channel import Channel
from recommendations.models.cohort import Cohort
from recommendations.models.comment import Comment
from recommendations.models.community import Community, Gathering
from recommendations.models.delivery import Delivery, Post
from recommendations.models.domain_opt_out import DomainOptOut
from recommendations.models.edition import Edition
from recommendations.models.entry import Entry, Quote
from recommendations.models.erasure import Erasure
from recommendations.models.findable import Findable
from recommendations.models.follow import Follow, Following
from recommendations.models.heartbeat import Heartbeat
from recommendations.models.ledger import Ledger
from recommendations.models.letter import Letter, RefusedAddress
from recommendations.models.membership import Invitation, Membership
from recommendations.models.moderation import Moderation
from recommendations.models.native_list import NativeList
from recommendations.models.nomination import Nomination, Vote
from recommendations.models.notification import Notification
from recommendations.models.once_key import OnceKey
from recommendations.models.profile import DoNotList, FormerHandle, Profile
from recommendations.models.report import Report
from recommendations.models.taken_off import TakenOff
from recommendations.models.thanks import Thanks
from recommendations.models.wish import Wish

__all__ = [
    "Appeal",
    "Attempt",
    "Block",
    "CastVoteRecord",
    "Channel",
    "Cohort",
    "Comment",
    "Community",
    "Delivery",
    "DoNotList",
    "DomainOptOut",
    "Edition",
    "Entry",
    "Erasure",
    "Findable",
    "Follow",
    "Following",
    "FormerHandle",
    "Gathering",
    "Heartbeat",
    "Invitation",
    "Ledger",
    "Letter",
    "Membership",
    "Moderation",
    "NativeList",
    "Nomination",
    "Notification",
    "OnceKey",
    "Post",
    "Profile",
    "Quote",
    "RefusedAddress",
    "Report",
    "TakenOff",
    "Thanks",
    "Vote",
    "Wish",
]
