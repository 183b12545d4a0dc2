from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("work", "0002_turns_kept_for_the_urgent")]

    operations = [
        migrations.AddField(
            model_name="attempt",
            name="unread",
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("unread", True)), fields=["lane"], name="attempt_unread"
            ),
        ),
    ]
