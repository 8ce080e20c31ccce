"""What a curator says of a post in trouble: it is there, send it, say it otherwise, leave it out, give up."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.options import options
from recommendations import networks, threads
from recommendations.actions import Refused
from recommendations.actions.compose import may
from recommendations.actions.correct import repeats_what_was_taken_back
from recommendations.actions.deliver import receive, takes_no_edits
from recommendations.actions.session import open_session
from recommendations.consent import Purpose
from recommendations.handles import Network
from recommendations.measures import Limits, fits, size
from recommendations.models import Entry, Membership, Post
from recommendations.networks.base import NotFound, OutcomeUnknown, Rejected, Unavailable
from recommendations.networks.posting import Sent
from recommendations.rewording import reworded

State, Operation = Post.State, Post.Operation


def decide(
    *,
    post: Post,
    by: Membership,
    choice: str,
    late_at: datetime,
    address: str = "",
    text: str = "",
    at: datetime | None = None,
) -> None:
    """Do with a post in trouble what a curator says. Raises Refused.

    `send` it; `adopt` what stands at an `address`; `edit`: send this `text` instead; `skip` it, and the rest of its
    thread goes on; `replace` a part that cannot be edited: delete it and post the rest again; `give_up` for now.
    """
    at = at or timezone.now()
    if not by.is_curator or by.community_id != post.delivery.channel.community_id:
        raise Refused(_("Only curators of this community may do that."))
    create = post.operation == Operation.CREATE
    if post.state == State.NEEDS_HUMAN and choice == "adopt":
        receive(post, _at_the_address(post, address, at), at)
    elif post.state == State.NEEDS_HUMAN and choice == "give_up":
        post.move(State.FAILED)
    elif post.state in Post.TROUBLE and choice == "send":
        _send(post, at, late_at)
    elif post.state in Post.TROUBLE and choice == "edit" and create:
        said = _checked(post, text)
        facets = [facet.as_json for facet in said.facets]
        _send(post, at, late_at, text=said.text, facets=facets, people=list(said.people))
    elif post.state in Post.TROUBLE and choice == "skip":
        post.move(State.CANCELLED, skipped=create, trouble=gettext_noop("A curator left it out."))
    elif post.state in Post.TROUBLE and choice == "replace" and post.operation == Operation.EDIT:
        with transaction.atomic():
            post.move(State.CANCELLED, trouble=gettext_noop("The part is deleted instead, and the rest posted again."))
            takes_no_edits(post.delivery, at)
    else:
        raise Refused(_("That cannot be done in its present state. Look at it again, please."))


def _send(post: Post, at: datetime, late_at: datetime, **said: Any) -> None:
    """It is written anew (a curator may err: whom it may have notified is not mentioned again), and sent."""
    with transaction.atomic():
        post.move(State.PENDING, due_at=at, trouble="", wire=None, **said)
        # Who lets a late part go wants the rest of its thread to follow.
        Post.objects.filter(delivery=post.delivery_id, late_at__lt=late_at).update(late_at=late_at)


def _checked(post: Post, text: str) -> threads.Post:
    """A curator's words for a part, if they fit and name nobody who must not be named."""
    delivery = post.delivery
    network, limits = Network(delivery.channel.network), Limits(**delivery.channel.limits)
    measure = networks.poster(network, options()).measure
    said = reworded(text, old=post.text, facets=post.facets, network=network, limits=limits)
    if not said.text.strip():
        raise Refused(_("Write what it should say."), field="text")
    if not fits(said, network=network, limits=limits, measure=measure):
        length = size(said.text, said.facets, network=network, limits=limits, measure=measure)
        raise Refused(
            _("This is too long for %(network)s: %(length)s characters, and it takes %(limit)s.")
            % {"network": network.label, "length": length, "limit": limits.characters},
            field="text",
        )
    named = [entry for entry in _entries(post) if _names(said.text, entry)]
    if not all(may(entry, delivery.edition.community.policy, network, Purpose.POST) for entry in named):
        raise Refused(_("It names someone who doesn't want to be posted. Leave them out."), field="text")
    if repeats_what_was_taken_back(said.text, [entry.pk for entry in _entries(post)]):
        raise Refused(_("It quotes something that was taken back. Leave it out."), field="text")
    people = dict.fromkeys([*post.people, *(entry.pk for entry in named)])
    return threads.Post(said.text, said.facets, tuple(people))


def _entries(post: Post) -> list[Entry]:
    """Everyone who is, or was, on the edition's list."""
    return list(Entry.objects.filter(edition=post.delivery.edition_id).select_related("profile"))


def _names(text: str, entry: Entry) -> bool:
    """Does the text name this person, by name or handle?"""
    plain = text.replace("\u2060", "").casefold()
    handle = entry.profile.handle
    names = (entry.profile.display_name, str(handle), handle.address, entry.profile.page_url)
    return any(name and name.strip() and name.strip().casefold() in plain for name in names)


def _at_the_address(post: Post, address: str, at: datetime) -> Sent:
    """What stands there, if it is one of this account's posts and none that we know as another part."""
    channel = post.delivery.channel
    if not address.strip():
        raise Refused(_("Paste the address of the post's page, as your browser shows it."), field="address")
    poster = networks.poster(Network(channel.network), options())
    try:
        sent = poster.find(address.strip(), secret=open_session(channel, poster, at=at))
    except NotFound as error:
        raise Refused(
            _("We do not find a post of %(handle)s there: %(trouble)s")
            % {"handle": channel.handle, "trouble": error.said(_)},
            field="address",
        ) from error
    except Rejected as error:
        raise Refused(error.said(_), field="address") from error
    except (Unavailable, OutcomeUnknown) as error:
        raise Refused(
            _("We cannot look there just now: %(trouble)s") % {"trouble": error.said(_)}, field="address"
        ) from error
    known = Post.objects.filter(account=post.account, remote_id=sent.receipt.remote_id, operation=Operation.CREATE)
    if known.exclude(pk=post.pk).exists():
        raise Refused(_("That is another part of what we posted already."), field="address")
    return sent
