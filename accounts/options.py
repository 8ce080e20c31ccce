"""What the settings tell the networks: the one place where the two meet."""

from django.conf import settings

from recommendations.networks.base import Options


def options() -> Options:
    """As the settings are now."""
    return Options(
        user_agent=f"FollowFriday (+{settings.FF_BASE_URL})",
        open_hosts=tuple(settings.FF_OPEN_HOSTS),
        plc_url=settings.FF_PLC_URL,
        bluesky_resolver=settings.FF_BLUESKY_RESOLVER,
        demo=settings.FF_DEMO,
        ca_file=settings.FF_CA_FILE,
        site_url=settings.FF_BASE_URL,
        x_client_id=settings.FF_X_CLIENT_ID,
        x_client_secret=settings.FF_X_CLIENT_SECRET,
        x_bearer=settings.FF_X_BEARER,
        x_api=settings.FF_X_API,
    )
