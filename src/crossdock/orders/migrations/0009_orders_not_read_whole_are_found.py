from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0008_what_could_not_be_read")]

    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(("problem", ""), _negated=True),
                fields=["store", "channel_order_id"],
                name="order_not_read_whole",
            ),
        ),
    ]
