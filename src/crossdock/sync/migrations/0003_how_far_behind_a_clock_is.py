# A bound on the clock in place of the newest moment: a quiet shop is not read again for hours.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sync', '0002_returns_unread_and_completeness'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='health',
            name='newest_told',
        ),
        migrations.AddField(
            model_name='health',
            name='behind',
            field=models.DurationField(blank=True, null=True),
        ),
    ]
