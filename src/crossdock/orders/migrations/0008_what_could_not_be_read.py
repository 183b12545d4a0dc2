from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0003_ship_needs_verification"),
        ("orders", "0007_counted_whatever_is_asked"),
        ("stores", "0004_missing_permissions"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="problems",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="order",
            name="problems_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
