from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0007_counted_whatever_is_asked"),
        ("work", "0003_attempts_whose_orders_are_unread"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(state__in=["sending", "asking"]),
                fields=["lane", "priority", "due_at", "id"],
                name="attempt_in_doubt",
            ),
        ),
    ]
