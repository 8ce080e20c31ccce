"""Which language somebody reads: what they chose on their page, else this browser's cookie, else its Accept-Language.

The cookie and the header are Django's to read; here is what is ours. It does not know what pages say.
"""

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_supported_language_variant


def is_ours(code: str) -> bool:
    """Whether the site speaks it."""
    return code in dict(settings.LANGUAGES)


def nearest(code: str) -> str:
    """Our language for somebody's own (a BCP 47 code of any kind): the same, its parent, or the site's first."""
    try:
        return get_supported_language_variant(code.lower())
    except LookupError:
        return settings.LANGUAGE_CODE


def remember(response: HttpResponse, code: str) -> None:
    """Let this browser remember the choice; with no code, forget it: then it is as the browser says."""
    if is_ours(code):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
