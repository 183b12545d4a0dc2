# What runs, what could not be read, what was checked, and how each store fares.

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0001_initial'),
        ('stores', '0002_holders_and_ways_to_ship'),
        ('sync', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DayCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cursor', models.TextField(blank=True)),
                ('started_at', models.DateTimeField(auto_now_add=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('held_until', models.DateTimeField(blank=True, null=True)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('error', models.TextField(blank=True)),
                ('day', models.DateField()),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('why', models.CharField(choices=[('nightly', 'every night'), ('weekly', 'every week'), ('asked', 'asked for')], max_length=8)),
                ('seen_ids', models.JSONField(default=list)),
                ('compared_at', models.DateTimeField(blank=True, null=True)),
                ('listed', models.PositiveIntegerField(default=0)),
                ('known_before', models.PositiveIntegerField(default=0)),
                ('gap_ids', models.JSONField(default=list)),
                ('fetched', models.PositiveIntegerField(default=0)),
                ('only_here', models.PositiveIntegerField(default=0)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Health',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('part', models.CharField(choices=[('orders', 'orders'), ('returns', 'returns')], max_length=8)),
                ('succeeded_at', models.DateTimeField(blank=True, null=True)),
                ('failed_at', models.DateTimeField(blank=True, null=True)),
                ('error', models.TextField(blank=True)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('listed', models.PositiveIntegerField(default=0)),
                ('changed', models.PositiveIntegerField(default=0)),
                ('newest_told', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Unread',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_id', models.CharField(db_collation='C', max_length=64)),
                ('words', models.TextField()),
                ('with_returns', models.BooleanField(default=False)),
                ('tries', models.PositiveIntegerField(default=1)),
                ('first_at', models.DateTimeField(auto_now_add=True)),
                ('last_at', models.DateTimeField()),
                ('next_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.RemoveConstraint(
            model_name='pull',
            name='one_scheduled_pull_a_store',
        ),
        migrations.AddField(
            model_name='counter',
            name='store',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store'),
        ),
        migrations.AddField(
            model_name='pull',
            name='cancelled_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='pull',
            name='cancelled_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='pull',
            name='failures',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='pull',
            name='part',
            field=models.CharField(choices=[('orders', 'orders'), ('returns', 'returns')], default='orders', max_length=8),
        ),
        migrations.AddField(
            model_name='pull',
            name='seen_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='pull',
            name='set_aside',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name='counter',
            index=models.Index(condition=models.Q(('store__isnull', False)), fields=['store', '-at'], name='counter_of_a_store'),
        ),
        migrations.AddIndex(
            model_name='pull',
            index=models.Index(condition=models.Q(('kind', 'asked')), fields=['company', '-id'], name='pull_of_a_company'),
        ),
        migrations.AddIndex(
            model_name='pull',
            index=models.Index(condition=models.Q(('finished_at__isnull', True)), fields=['store'], name='pull_open'),
        ),
        migrations.AddConstraint(
            model_name='pull',
            constraint=models.UniqueConstraint(condition=models.Q(('finished_at__isnull', True), models.Q(('kind', 'asked'), _negated=True)), fields=('store', 'part'), name='one_scheduled_pull_a_store_and_part'),
        ),
        migrations.AddField(
            model_name='daycheck',
            name='company',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company'),
        ),
        migrations.AddField(
            model_name='daycheck',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='daycheck',
            name='store',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='day_checks', to='stores.store'),
        ),
        migrations.AddField(
            model_name='health',
            name='company',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company'),
        ),
        migrations.AddField(
            model_name='health',
            name='store',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='health', to='stores.store'),
        ),
        migrations.AddField(
            model_name='unread',
            name='company',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company'),
        ),
        migrations.AddField(
            model_name='unread',
            name='store',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='unread', to='stores.store'),
        ),
        migrations.AddIndex(
            model_name='daycheck',
            index=models.Index(fields=['company', '-id'], name='check_log'),
        ),
        migrations.AddIndex(
            model_name='daycheck',
            index=models.Index(fields=['store', 'day', '-id'], name='check_of_a_day'),
        ),
        migrations.AddConstraint(
            model_name='daycheck',
            constraint=models.UniqueConstraint(condition=models.Q(('finished_at__isnull', True)), fields=('store', 'day'), name='one_open_check_a_store_and_day'),
        ),
        migrations.AddConstraint(
            model_name='health',
            constraint=models.UniqueConstraint(fields=('store', 'part'), name='health_once'),
        ),
        migrations.AddIndex(
            model_name='unread',
            index=models.Index(fields=['store', 'next_at'], name='unread_due'),
        ),
        migrations.AddConstraint(
            model_name='unread',
            constraint=models.UniqueConstraint(fields=('store', 'order_id'), name='unread_once_a_store'),
        ),
    ]
