"""Django's admin, for whoever runs the server: to look, and to mend what no page mends."""

from django.contrib import admin

from accounts.models import LinkedHandle, User
from recommendations import models


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ["username", "display_name", "email", "is_staff", "date_joined"]
    search_fields = ["username", "display_name", "email"]
    readonly_fields = ["password", "last_login", "date_joined"]


@admin.register(LinkedHandle)
class LinkedHandleAdmin(admin.ModelAdmin):
    list_display = ["user", "network", "name", "host", "proven_at"]
    readonly_fields = ["uri", "token", "proven_at"]


@admin.register(models.Community)
class CommunityAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "hashtag", "time_zone", "last_number"]
    search_fields = ["name", "slug", "hashtag"]


@admin.register(models.Profile)
class ProfileAdmin(admin.ModelAdmin):
    list_display = ["title", "network", "name", "host", "signal", "word", "looked_up_at"]
    list_filter = ["network", "signal", "word"]
    search_fields = ["name", "host", "display_name"]


class ReadOnlyAdmin(admin.ModelAdmin):
    """What only verbs may change."""

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(models.Edition)
class EditionAdmin(ReadOnlyAdmin):
    list_display = ["community", "week", "number", "state", "closes_at", "publishes_at"]
    list_filter = ["state", "community"]


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
