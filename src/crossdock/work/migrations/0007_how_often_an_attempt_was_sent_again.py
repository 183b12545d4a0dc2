from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("work", "0006_automatic_runs_are_nobodys")]

    operations = [
        migrations.AddField(
            model_name="attempt",
            name="sent_again",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        )
    ]
