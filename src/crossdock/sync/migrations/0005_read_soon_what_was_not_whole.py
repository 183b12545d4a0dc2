from typing import Any

from django.db import migrations
from django.utils import timezone


def hurry(apps: Any, schema_editor: Any) -> None:
    """What a problem touches is known only once the order is read again."""
    apps.get_model("sync", "Unread").objects.update(next_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0004_named"),
        ("orders", "0008_what_could_not_be_read"),
    ]

    operations = [migrations.RunPython(hurry, migrations.RunPython.noop)]
