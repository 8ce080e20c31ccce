from django.db import migrations, models


def begun(apps, schema_editor):
    """Who leads what is on an open board has begun it, as far as is known."""
    nominations = apps.get_model("recommendations", "Nomination").objects
    nominations.filter(edition__state="open").update(begun_by=models.F("nominator"))


class Migration(migrations.Migration):

    dependencies = [("recommendations", "0020_who_began_a_nomination")]

    operations = [migrations.RunPython(begun, migrations.RunPython.noop)]
