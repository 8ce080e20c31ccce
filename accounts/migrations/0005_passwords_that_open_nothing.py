"""Passwords go: this site signs nobody in by one, so a hash that an earlier release kept is worth nothing but trouble."""

from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.db import migrations


def forget_passwords(apps: Any, schema_editor: Any) -> None:
    """Put an unusable password in place of each hash; sessions that were opened with it end."""
    users = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    hashed = users.exclude(password="").exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    for pk in list(hashed.values_list("pk", flat=True)):
        users.filter(pk=pk).update(password=make_password(None))


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0004_pages_people_have_for_others"),
    ]

    operations = [
        migrations.RunPython(forget_passwords, migrations.RunPython.noop),
    ]
