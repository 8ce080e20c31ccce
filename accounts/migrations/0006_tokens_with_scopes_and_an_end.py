"""Tokens get scopes and an end. Those that are there keep all rights, and a year; a sweep tells their owners."""

from datetime import timedelta
from typing import Any

from django.db import migrations, models
from django.utils import timezone


def give_a_year(apps: Any, schema_editor: Any) -> None:
    """Let each token that has no end expire in twelve months."""
    tokens = apps.get_model("accounts", "ApiToken").objects.using(schema_editor.connection.alias)
    tokens.filter(expires_at=None).update(expires_at=timezone.now() + timedelta(days=365))


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_passwords_that_open_nothing'),
    ]

    operations = [
        migrations.AddField(
            model_name='apitoken',
            name='expires_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='apitoken',
            name='scopes',
            field=models.CharField(db_default='read vote curate', default='read vote curate', max_length=40),
        ),
        migrations.AddField(
            model_name='apitoken',
            name='told_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(give_a_year, migrations.RunPython.noop),
    ]
