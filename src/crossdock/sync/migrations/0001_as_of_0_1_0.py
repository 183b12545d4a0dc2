"""What the released migrations of before make one by one: a new database gets it in one go."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('sync', '0001_initial'), ('sync', '0002_returns_unread_and_completeness'), ('sync', '0003_how_far_behind_a_clock_is'), ('sync', '0004_named')]

    initial = True

    dependencies = [
        ('companies', '0003_ship_needs_verification'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('stores', '0003_unlinking_spent_states_and_the_end_of_an_authorisation'),
    ]

    operations = [
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(max_length=20)),
                ('event_id', models.CharField(db_collation='C', max_length=128)),
                ('received_at', models.DateTimeField(auto_now_add=True)),
                ('body', models.BinaryField()),
            ],
            options={
                'indexes': [models.Index(fields=['received_at'], name='message_by_age')],
                'constraints': [models.UniqueConstraint(fields=('channel', 'event_id'), name='message_once')],
            },
        ),
        migrations.CreateModel(
            name='Counter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('number', models.PositiveIntegerField(default=1)),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('store', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('store__isnull', False)), fields=['store', '-at'], name='counter_of_a_store')],
            },
        ),
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
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='day_checks', to='stores.store')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['company', '-id'], name='check_log'), models.Index(fields=['store', 'day', '-id'], name='check_of_a_day')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('finished_at__isnull', True)), fields=('store', 'day'), name='one_open_check_a_store_and_day')],
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
                ('behind', models.DurationField(blank=True, null=True)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='health', to='stores.store')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('store', 'part'), name='health_once')],
            },
        ),
        migrations.CreateModel(
            name='Named',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_id', models.CharField(db_collation='C', max_length=64)),
                ('named_at', models.DateTimeField()),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('store', 'order_id'), name='named_once_a_store')],
            },
        ),
        migrations.CreateModel(
            name='Pull',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cursor', models.TextField(blank=True)),
                ('started_at', models.DateTimeField(auto_now_add=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('held_until', models.DateTimeField(blank=True, null=True)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('error', models.TextField(blank=True)),
                ('part', models.CharField(choices=[('orders', 'orders'), ('returns', 'returns')], default='orders', max_length=8)),
                ('kind', models.CharField(choices=[('first', 'first sync'), ('regular', 'regular'), ('asked', 'asked for')], max_length=8)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('by_creation', models.BooleanField(default=False)),
                ('reached', models.DateTimeField()),
                ('seen_until', models.DateTimeField(blank=True, null=True)),
                ('listed', models.PositiveIntegerField(default=0)),
                ('changed', models.PositiveIntegerField(default=0)),
                ('set_aside', models.PositiveIntegerField(default=0)),
                ('cancelled_at', models.DateTimeField(blank=True, null=True)),
                ('cancelled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pulls', to='stores.store')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['store', '-id'], name='pull_newest'), models.Index(condition=models.Q(('kind', 'asked')), fields=['company', '-id'], name='pull_of_a_company'), models.Index(condition=models.Q(('finished_at__isnull', True)), fields=['store'], name='pull_open')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('finished_at__isnull', True), models.Q(('kind', 'asked'), _negated=True)), fields=('store', 'part'), name='one_scheduled_pull_a_store_and_part')],
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
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='unread', to='stores.store')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['store', 'next_at'], name='unread_due')],
                'constraints': [models.UniqueConstraint(fields=('store', 'order_id'), name='unread_once_a_store')],
            },
        ),
    ]
