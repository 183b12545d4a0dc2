from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0003_ship_needs_verification'),
    ]

    operations = [
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('value', models.JSONField()),
                ('until', models.DateTimeField(db_index=True)),
            ],
            options={
                'verbose_name_plural': 'tallies',
            },
        ),
    ]
