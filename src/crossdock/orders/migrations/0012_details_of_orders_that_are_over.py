from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0011_what_an_order_has_keeps_its_order")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="details_removed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
