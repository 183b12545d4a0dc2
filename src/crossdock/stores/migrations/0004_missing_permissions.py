from typing import Any

from django.db import migrations, models


def bring_back(apps: Any, schema_editor: Any) -> None:
    """Stores that were taken for dead because one permission is missing live: their tokens are kept."""
    stores = apps.get_model("stores", "Store")
    stores.objects.filter(token_dead_words__contains="(105005)").update(token_dead_words="")


class Migration(migrations.Migration):
    dependencies = [
        ("stores", "0003_unlinking_spent_states_and_the_end_of_an_authorisation"),
    ]

    operations = [
        migrations.AddField(
            model_name="store",
            name="missing_permissions",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.RunPython(bring_back, migrations.RunPython.noop),
    ]
