"""Mastodon and Bluesky as allauth sees them: its way in for whoever a network has vouched for.

allauth looks for this module by its name. Everything of OAuth is done before (`accounts.asking`); what arrives here
is a `Granted`. The uid is (issuer, uri) and nothing else: neither a handle, which may pass to another, nor an e-mail
address, which is not even asked for.
"""

import hashlib
from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.providers.base import Provider, ProviderAccount

from recommendations.handles import Network
from recommendations.networks.granting import Granted

_UID_LIMIT = 191  # characters that allauth keeps of a uid


def uid_of(network: Network, uri: str) -> str:
    """By what a SocialAccount is known.

    Bluesky: the DID, for which only its own server can vouch. Mastodon: the issuer, which is always the actor's
    own server, and the actor's URI; a digest where that is too long to be kept.
    """
    if network is Network.BLUESKY:
        return uri
    uid = f"https://{urlsplit(uri).netloc} {uri}"
    return uid if len(uid) <= _UID_LIMIT else f"sha256:{hashlib.sha256(uid.encode()).hexdigest()}"


def told_by(granted: Granted) -> dict[str, Any]:
    """What is kept with a SocialAccount: how it is shown, and which server vouched."""
    return {"handle": str(granted.handle), "issuer": granted.issuer}


class NetworkAccount(ProviderAccount):
    """An account there, shown by its handle."""

    def to_str(self) -> str:
        """As people write it."""
        return str(self.account.extra_data.get("handle", ""))


class _NetworkProvider(Provider):
    uses_apps = False
    account_class = NetworkAccount
    network: Network

    def extract_uid(self, data: Granted) -> str:
        return uid_of(data.network, data.uri)

    def extract_extra_data(self, data: Granted) -> dict[str, Any]:
        return told_by(data)

    def extract_common_fields(self, data: Granted) -> dict[str, Any]:
        return {"name": data.name}


class MastodonProvider(_NetworkProvider):
    """Every Mastodon-compatible server."""

    id = "mastodon"
    name = "Mastodon"
    network = Network.MASTODON


class BlueskyProvider(_NetworkProvider):
    """Every server of the AT Protocol."""

    id = "bluesky"
    name = "Bluesky"
    network = Network.BLUESKY


PROVIDERS: dict[Network, type[_NetworkProvider]] = {each.network: each for each in (MastodonProvider, BlueskyProvider)}
provider_classes = list(PROVIDERS.values())
