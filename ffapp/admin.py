"""The app of Django's admin, with our site in place of the usual one."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    """Django's admin behind the staff's door."""

    default_site = "accounts.staff.StaffSite"
