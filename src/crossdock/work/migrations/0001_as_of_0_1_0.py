"""What the released migrations of before make one by one: a new database gets it in one go."""

import crossdock.work.models
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('work', '0001_initial'), ('work', '0002_turns_kept_for_the_urgent'), ('work', '0003_attempts_whose_orders_are_unread'), ('work', '0004_found_without_a_look_at_the_queue')]

    initial = True

    dependencies = [
        ('companies', '0003_ship_needs_verification'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('orders', '0007_counted_whatever_is_asked'),
    ]

    operations = [
        migrations.CreateModel(
            name='Turn',
            fields=[
                ('key', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('free_at', models.DateTimeField()),
                ('wanted_until', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(max_length=40)),
                ('form_key', models.CharField(max_length=64)),
                ('selection', models.JSONField(default=dict)),
                ('options', models.JSONField(default=dict)),
                ('started_at', models.DateTimeField(auto_now_add=True)),
                ('filled_up_to', models.BigIntegerField(default=0)),
                ('filled_at', models.DateTimeField(blank=True, null=True)),
                ('cancelled_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('product', models.CharField(blank=True, max_length=200)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('retry_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='retries', to='work.batch')),
            ],
            options={
                'verbose_name_plural': 'batches',
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['company', '-id'], name='batch_newest')],
                'constraints': [models.UniqueConstraint(fields=('company', 'form_key'), name='batch_once_a_form')],
            },
        ),
        migrations.CreateModel(
            name='Lane',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('token', models.BigIntegerField(default=0)),
                ('held_until', models.DateTimeField(blank=True, null=True)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('company', 'name'), name='lane_once')],
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(max_length=40)),
                ('priority', models.PositiveSmallIntegerField(default=crossdock.work.models.Priority['BATCH'])),
                ('options', models.JSONField(default=dict)),
                ('state', models.CharField(default=crossdock.work.models.State['QUEUED'], max_length=12)),
                ('words', models.TextField(blank=True)),
                ('code', models.CharField(blank=True, max_length=80)),
                ('sent', models.JSONField(default=dict)),
                ('result', models.JSONField(default=dict)),
                ('token', models.BigIntegerField(default=0)),
                ('unread', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('asked', models.PositiveSmallIntegerField(default=0)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='orders.order')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('batch', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='work.batch')),
                ('lane', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='work.lane')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'sending', 'asking'])), fields=['lane', 'priority', 'due_at', 'id'], name='attempt_next_in_lane'), models.Index(condition=models.Q(('state__in', ['sending', 'asking'])), fields=['lane', 'priority', 'due_at', 'id'], name='attempt_in_doubt'), models.Index(condition=models.Q(('unread', True)), fields=['lane'], name='attempt_unread'), models.Index(fields=['batch', 'state'], name='attempt_progress'), models.Index(fields=['order', '-id'], name='attempt_of_an_order'), models.Index(condition=models.Q(('state', 'waiting')), fields=['company', 'order'], name='attempt_waiting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'sending', 'asking', 'waiting', 'unclear'])), fields=('order', 'action'), name='one_open_attempt_an_order_and_action'), models.UniqueConstraint(condition=models.Q(('batch__isnull', False)), fields=('batch', 'order'), name='attempt_once_a_batch')],
            },
        ),
    ]
