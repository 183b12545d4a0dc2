from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("work", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="wanted_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
