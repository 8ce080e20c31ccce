"""Lead people to their network: with which scopes they sign in there, and the page that goes on by itself."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from recommendations.handles import Network
from recommendations.networks import bluesky_app, mastodon_oauth

SCOPES = {Network.MASTODON: mastodon_oauth.SIGN_IN, Network.BLUESKY: bluesky_app.SIGN_IN}


def onward(request: HttpRequest, network: Network, url: str) -> HttpResponse:
    """The page that leads to where `asking.begin` said."""
    context = {"url": url, "host": urlsplit(url).netloc, "network": network.label}
    return render(request, "account/onward.html", context)
