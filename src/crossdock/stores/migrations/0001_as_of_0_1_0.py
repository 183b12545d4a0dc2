"""What the released migrations of before make one by one: a new database gets it in one go."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('stores', '0001_initial'), ('stores', '0002_holders_and_ways_to_ship'), ('stores', '0003_unlinking_spent_states_and_the_end_of_an_authorisation')]

    initial = True

    dependencies = [
        ('companies', '0003_ship_needs_verification'),
    ]

    operations = [
        migrations.CreateModel(
            name='SpentState',
            fields=[
                ('nonce', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('spent_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='Store',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(max_length=20)),
                ('region', models.CharField(max_length=8)),
                ('shop_id', models.CharField(db_collation='C', max_length=64)),
                ('name', models.CharField(max_length=120)),
                ('shop_key', models.CharField(blank=True, max_length=200)),
                ('token_holder', models.CharField(blank=True, db_collation='C', max_length=120)),
                ('authorize_region', models.CharField(blank=True, max_length=8)),
                ('first_days', models.PositiveSmallIntegerField(default=3)),
                ('linked_at', models.DateTimeField(auto_now_add=True)),
                ('unlinking_at', models.DateTimeField(blank=True, null=True)),
                ('unlinked_at', models.DateTimeField(blank=True, null=True)),
                ('paused_at', models.DateTimeField(blank=True, null=True)),
                ('access_token_sealed', models.BinaryField(default=b'')),
                ('refresh_token_sealed', models.BinaryField(default=b'')),
                ('access_expires_at', models.DateTimeField(blank=True, null=True)),
                ('refresh_expires_at', models.DateTimeField(blank=True, null=True)),
                ('end_granted_at', models.DateTimeField(blank=True, null=True)),
                ('consent_ends_at', models.DateTimeField(blank=True, null=True)),
                ('refresh_started_at', models.DateTimeField(blank=True, null=True)),
                ('token_dead_words', models.TextField(blank=True)),
                ('token_warned', models.CharField(blank=True, max_length=12)),
                ('ways_to_ship', models.JSONField(default=dict)),
                ('synced_until', models.DateTimeField(blank=True, null=True)),
                ('returns_synced_until', models.DateTimeField(blank=True, null=True)),
                ('sync_started_at', models.DateTimeField(blank=True, null=True)),
                ('sync_succeeded_at', models.DateTimeField(blank=True, null=True)),
                ('sync_failed_at', models.DateTimeField(blank=True, null=True)),
                ('sync_error', models.TextField(blank=True)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('token_holder', ''), _negated=True), fields=['channel', 'token_holder'], name='stores_of_a_holder')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('unlinked_at__isnull', True)), fields=('channel', 'region', 'shop_id'), name='shop_linked_once_in_an_installation'), models.UniqueConstraint(fields=('company', 'channel', 'region', 'shop_id'), name='shop_has_one_row_a_company')],
            },
        ),
    ]
