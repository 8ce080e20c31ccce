"""Django's admin, for whoever runs the server: to look, and to mend what no page mends."""

import allauth.account.admin
import allauth.mfa.admin
import allauth.socialaccount.admin
import allauth.usersessions.admin  # noqa: F401 - they must have registered before they can be unregistered
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.http import HttpRequest

from accounts.models import LinkedHandle, User
from recommendations import models
from recommendations.models.community import RANKING_SETTINGS

# allauth registers these. Keys of sessions, second factors and tokens are for no one's eyes; and how someone signs in
# is changed by themselves alone, on their own pages, where they are asked who they are and told of it.
for _model in (Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, UserSession):
    admin.site.unregister(_model)


class ReadOnlyAdmin(admin.ModelAdmin):
    """What only actions may change."""

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ["username", "display_name", "email", "is_staff", "date_joined"]
    search_fields = ["username", "display_name", "email"]
    exclude = ["password"]
    readonly_fields = ["email", "last_login", "date_joined"]  # an address written here would be a way in


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    list_display = ["email", "user", "primary", "verified"]
    list_filter = ["primary", "verified"]
    search_fields = ["email", "user__username"]


@admin.register(SocialAccount)
class SocialAccountAdmin(ReadOnlyAdmin):
    list_display = ["user", "provider", "uid", "last_login"]
    list_filter = ["provider"]
    search_fields = ["uid", "user__username"]


@admin.register(LinkedHandle)
class LinkedHandleAdmin(ReadOnlyAdmin):
    list_display = ["user", "network", "name", "host", "proven_at"]
    search_fields = ["name", "host", "user__username"]
    exclude = ["token"]


@admin.register(models.Community)
class CommunityAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "hashtag", "time_zone", "last_number"]
    search_fields = ["name", "slug", "hashtag"]
    # What shapes a ranking is changed at the desk, where it is logged; the address stands in records.
    readonly_fields = ["slug", "last_number", "archived_at", *RANKING_SETTINGS]


@admin.register(models.Profile)
class ProfileAdmin(ReadOnlyAdmin):
    list_display = ["title", "network", "name", "host", "signal", "word", "looked_up_at"]
    list_filter = ["network", "signal", "word"]
    search_fields = ["name", "host", "display_name"]


@admin.register(models.Edition)
class EditionAdmin(ReadOnlyAdmin):
    list_display = ["community", "week", "number", "state", "closes_at", "publishes_at"]
    list_filter = ["state", "community"]

    def get_exclude(self, request: HttpRequest, obj: models.Edition | None = None) -> list[str]:
        """Keep the seed of a list that is not out from everyone: it settles equal places."""
        return [] if obj is not None and obj.published_at else ["seed"]


@admin.register(models.Channel)
class ChannelAdmin(ReadOnlyAdmin):
    list_display = ["community", "network", "name", "state", "trouble"]
    exclude = ["sealed_secret"]


@admin.register(models.Post)
class PostAdmin(ReadOnlyAdmin):
    list_display = ["delivery", "part", "operation", "state", "tries", "remote_id"]
    list_filter = ["state"]


@admin.register(models.Moderation)
class ModerationAdmin(ReadOnlyAdmin):
    list_display = ["at", "community", "role", "kind", "reason"]
    list_filter = ["kind"]


@admin.register(models.Comment)
class CommentAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "edition", "author", "answer_to", "hidden_at", "deleted_at"]


@admin.register(models.Letter)
class LetterAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "user", "edition", "state", "tries", "due_at", "trouble"]
    list_filter = ["state"]


@admin.register(models.RefusedAddress)
class RefusedAddressAdmin(admin.ModelAdmin):
    list_display = ["address", "at", "why"]


@admin.register(models.Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ["at", "community", "type", "state", "decided_at"]
    list_filter = ["state", "type"]


@admin.register(models.Appeal)
class AppealAdmin(ReadOnlyAdmin):
    list_display = ["at", "decision", "state", "decided_at"]
    list_filter = ["state"]


@admin.register(models.DomainOptOut)
class DomainOptOutAdmin(ReadOnlyAdmin):
    list_display = ["domain", "reason", "at", "ended_at"]
    search_fields = ["domain"]


@admin.register(models.Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    list_display = ["asked_at", "state", "due_at"]
