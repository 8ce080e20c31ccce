"""Votes stay secret: a sealed seed for ties, ballots under a Merkle root, and the ban rule for open boards."""

import secrets

import recommendations.models.edition
from django.db import migrations, models


def seal_open_editions(apps, schema_editor):
    """Keep each open board in its order, by the seed that is on it, and draw a new, secret one for its ties."""
    Edition = apps.get_model("recommendations", "Edition")
    for edition in Edition.objects.all().only("pk", "seed", "state").iterator():
        edition.board_seed = edition.seed
        if edition.state == "open":
            edition.seed = secrets.token_hex(32)
        edition.save(update_fields=["board_seed", "seed"])


def forget_secret_praise(apps, schema_editor):
    """Empty what ledgers hold of secret votes for members: from now on only public reasons make a vote mutual."""
    apps.get_model("recommendations", "Ledger").objects.update(praise=b"\x04")


def note_bans(apps, schema_editor):
    """Tell when those who are banned were banned, as the log of decisions has it."""
    Membership = apps.get_model("recommendations", "Membership")
    Moderation = apps.get_model("recommendations", "Moderation")
    for banned in Membership.objects.filter(state="banned").only("pk", "community_id", "user_id").iterator():
        bans = Moderation.objects.filter(community=banned.community_id, affected=banned.user_id, kind="ban")
        at = bans.order_by("-at").values_list("at", flat=True).first()
        Membership.objects.filter(pk=banned.pk).update(banned_at=at)


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0012_how_a_restore_is_noticed")]

    operations = [
        migrations.RemoveField(model_name="castvoterecord", name="people"),
        migrations.AddField(
            model_name="castvoterecord",
            name="root",
            field=models.CharField(blank=True, db_default="", max_length=64),
        ),
        migrations.AddField(
            model_name="castvoterecord",
            name="voters",
            field=models.BinaryField(db_default=b"\x04"),
        ),
        migrations.AddField(
            model_name="edition",
            name="board_seed",
            field=models.CharField(
                db_default="", default=recommendations.models.edition.new_board_seed, max_length=16
            ),
        ),
        migrations.AlterField(
            model_name="edition",
            name="seed",
            field=models.CharField(default=recommendations.models.edition.new_seed, max_length=64),
        ),
        migrations.AddField(
            model_name="membership",
            name="banned_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="membership",
            name="banned_for_fraud",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunPython(seal_open_editions, migrations.RunPython.noop),
        migrations.RunPython(forget_secret_praise, migrations.RunPython.noop),
        migrations.RunPython(note_bans, migrations.RunPython.noop),
    ]
