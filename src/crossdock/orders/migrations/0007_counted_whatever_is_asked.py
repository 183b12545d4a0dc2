from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0003_ship_needs_verification"),
        ("orders", "0006_delivery_tries"),
        ("stores", "0003_unlinking_spent_states_and_the_end_of_an_authorisation"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="posted",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.ExpressionWrapper(
                    models.Q(("posted_fingerprint", ""), _negated=True), models.BooleanField()
                ),
                output_field=models.BooleanField(),
            ),
        ),
        migrations.RemoveIndex(model_name="order", name="order_tab_created"),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["company", "tab", "put_away", "-created_at", "-id"],
                include=(
                    "store",
                    "status",
                    "shipment_provider",
                    "printed_count",
                    "verified_at",
                    "posted",
                    "updated_at",
                    "ship_by",
                ),
                name="order_tab_created",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["company", "store", "tab", "put_away", "-created_at", "-id"],
                name="order_of_store",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["company", "shipment_provider", "tab", "put_away"], name="order_of_courier"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["company", "status", "tab", "put_away"], name="order_of_status"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["company", "printed_count", "tab", "put_away"], name="order_of_prints"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["company", "tab", "put_away"],
                name="order_unverified",
                condition=models.Q(verified_at__isnull=True),
            ),
        ),
        migrations.RemoveIndex(model_name="order", name="order_by_courier"),
        migrations.AlterField(
            model_name="order",
            name="store",
            field=models.ForeignKey(
                db_index=False,
                on_delete=models.deletion.PROTECT,
                related_name="orders",
                to="stores.store",
            ),
        ),
    ]
