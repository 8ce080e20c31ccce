import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

import recommendations.models.community


def have_begun(apps, schema_editor):
    """Communities that are there already need no first steps."""
    apps.get_model("recommendations", "Community").objects.update(begun_at=Now())


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0008_what_a_search_finds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("community", "settled", models.JSONField(blank=True, default=list, editable=False)),
        migrations.AddField("community", "begun_at", models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.RunPython(have_begun, migrations.RunPython.noop),
        migrations.AddField(
            "invitation",
            "role",
            models.CharField(
                choices=[("member", "Member"), ("curator", "Curator"), ("owner", "Owner")],
                default="member",
                max_length=10,
            ),
        ),
        migrations.AddField(
            "invitation",
            "invited",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="invitations",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            "community",
            "hashtag",
            models.CharField(max_length=64, validators=[recommendations.models.community.validate_hashtag]),
        ),
        migrations.AlterField(
            "moderation",
            "kind",
            models.CharField(
                choices=[
                    ("drop", "Dropped from a draft"),
                    ("reorder", "Moved in a draft"),
                    ("hold", "Held an edition"),
                    ("unhold", "Let an edition go on"),
                    ("skip", "Skipped a week"),
                    ("ban", "Banned a member"),
                    ("admit", "Admitted a member"),
                    ("role", "Changed a role"),
                    ("channel", "Changed a channel"),
                    ("end", "Ended the community"),
                    ("revive", "Brought the community back"),
                    ("dismiss", "Dismissed a report"),
                    ("hide", "Hid what somebody said"),
                    ("unhide", "Showed it again"),
                    ("warn", "Warned somebody"),
                    ("suspend", "Suspended a member"),
                    ("uphold", "Appeal: upheld"),
                    ("overturn", "Appeal: overturned"),
                ],
                max_length=10,
            ),
        ),
    ]
