from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0012_details_of_orders_that_are_over")]

    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(
                    ("tab__in", ["completed", "delivered", "others"]),
                    models.Q(
                        ("details_removed_at", None),
                        ("details_removed_at__lt", models.F("updated_at")),
                        _connector="OR",
                    ),
                ),
                fields=["updated_at", "id"],
                name="order_over_with_details",
            ),
        ),
    ]
