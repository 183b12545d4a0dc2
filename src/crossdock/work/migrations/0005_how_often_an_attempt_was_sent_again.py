from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("work", "0004_found_without_a_look_at_the_queue")]

    operations = [
        migrations.AddField(
            model_name="attempt",
            name="sent_again",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        )
    ]
