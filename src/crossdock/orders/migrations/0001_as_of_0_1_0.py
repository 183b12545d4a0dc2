"""What the released migrations of before make one by one: a new database gets it in one go."""

import django.db.models.deletion
import django.db.models.functions.text
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION orders_history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.person_id IS NULL AND OLD.person_id IS NOT NULL
       AND to_jsonb(NEW) - 'person_id' = to_jsonb(OLD) - 'person_id' THEN
        RETURN NEW;  -- the person was deleted; what happened stays
    END IF;
    IF TG_OP = 'DELETE' AND current_setting('crossdock.purging', true) = 'yes' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the history of an order is append-only';
END $$;
CREATE TRIGGER orders_history_append_only BEFORE UPDATE OR DELETE ON orders_history
    FOR EACH ROW EXECUTE FUNCTION orders_history_is_append_only();
"""
BACKWARD = """
DROP TRIGGER orders_history_append_only ON orders_history;
DROP FUNCTION orders_history_is_append_only();
"""


class Migration(migrations.Migration):

    replaces = [('orders', '0001_initial'), ('orders', '0002_history_is_append_only'), ('orders', '0003_returns_and_ways_to_ship'), ('orders', '0004_what_the_list_shows'), ('orders', '0005_lists_of_any_length'), ('orders', '0006_delivery_tries'), ('orders', '0007_counted_whatever_is_asked')]

    initial = True

    dependencies = [
        ('companies', '0003_ship_needs_verification'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('stores', '0003_unlinking_spent_states_and_the_end_of_an_authorisation'),
    ]

    operations = [
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel_order_id', models.CharField(db_collation='C', max_length=64)),
                ('tab', models.CharField(choices=[('unpaid', 'Unpaid'), ('new-order', 'New Order'), ('to-process', 'To Process'), ('to-ship', 'To Ship'), ('self-deliver', 'Self Deliver'), ('shipped', 'Shipped'), ('delivered', 'Delivered'), ('completed', 'Completed'), ('to-cancel', 'To Cancel'), ('to-return', 'To Return'), ('others', 'Others')], max_length=16)),
                ('status', models.CharField(max_length=200)),
                ('stage', models.CharField(max_length=20)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('ship_by', models.DateTimeField(blank=True, null=True)),
                ('paid_at', models.DateTimeField(blank=True, null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('buyer_total', models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ('billed_total', models.DecimalField(decimal_places=4, default=Decimal('0'), max_digits=18)),
                ('shipping_fee', models.DecimalField(decimal_places=4, default=Decimal('0'), max_digits=18)),
                ('voucher_seller', models.DecimalField(decimal_places=4, default=Decimal('0'), max_digits=18)),
                ('voucher_platform', models.DecimalField(decimal_places=4, default=Decimal('0'), max_digits=18)),
                ('voucher_beyond_lines', models.DecimalField(decimal_places=4, default=Decimal('0'), max_digits=18)),
                ('payment_method', models.CharField(blank=True, max_length=80)),
                ('buyer_name', models.CharField(blank=True, max_length=200)),
                ('address', models.JSONField(default=dict)),
                ('buyer_note', models.TextField(blank=True)),
                ('units', models.PositiveIntegerField(default=0)),
                ('shipment_provider', models.CharField(blank=True, db_collation='C', max_length=120)),
                ('address_changed_at', models.DateTimeField(blank=True, null=True)),
                ('our_note', models.TextField(blank=True)),
                ('cancel_requested', models.BooleanField(default=False)),
                ('cancel_request_id', models.CharField(blank=True, db_collation='C', max_length=64)),
                ('cancel_words', models.CharField(blank=True, max_length=300)),
                ('cancel_deadline', models.DateTimeField(blank=True, null=True)),
                ('return_waits_for_us', models.BooleanField(default=False)),
                ('return_open', models.BooleanField(default=False)),
                ('return_deadline', models.DateTimeField(blank=True, null=True)),
                ('seller_delivers', models.BooleanField(default=False)),
                ('fulfilled_by_channel', models.BooleanField(default=False)),
                ('no_parcel', models.BooleanField(default=False)),
                ('lines_known', models.BooleanField(default=False)),
                ('problem', models.TextField(blank=True)),
                ('packed_here_at', models.DateTimeField(blank=True, null=True)),
                ('delivered_here_at', models.DateTimeField(blank=True, null=True)),
                ('delivery_failures', models.PositiveSmallIntegerField(default=0)),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
                ('printed_count', models.PositiveIntegerField(default=0)),
                ('printed_at', models.DateTimeField(blank=True, null=True)),
                ('fingerprint', models.CharField(blank=True, max_length=64)),
                ('posted_fingerprint', models.CharField(blank=True, max_length=64)),
                ('posted', models.GeneratedField(db_persist=True, expression=models.ExpressionWrapper(models.Q(('posted_fingerprint', ''), _negated=True), models.BooleanField()), output_field=models.BooleanField())),
                ('archived', models.BooleanField(default=False)),
                ('put_away', models.GeneratedField(db_persist=True, expression=models.ExpressionWrapper(models.Q(('archived', True), ('tab__in', ['completed', 'delivered', 'shipped'])), models.BooleanField()), output_field=models.BooleanField())),
                ('fetched_at', models.DateTimeField()),
                ('first_seen_at', models.DateTimeField(auto_now_add=True)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='stores.store')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['company', 'tab', 'put_away', '-created_at', '-id'], include=('store', 'status', 'shipment_provider', 'printed_count', 'verified_at', 'posted', 'updated_at', 'ship_by'), name='order_tab_created'), models.Index(fields=['company', 'tab', 'put_away', '-updated_at', '-id'], name='order_tab_updated'), models.Index(fields=['company', 'tab', 'put_away', 'ship_by', 'id'], name='order_tab_ship_by'), models.Index(fields=['company', 'tab', 'put_away', 'buyer_total', 'id'], name='order_tab_total'), models.Index(fields=['company', 'store', 'tab', 'put_away', '-created_at', '-id'], name='order_of_store'), models.Index(fields=['company', 'shipment_provider', 'tab', 'put_away'], name='order_of_courier'), models.Index(fields=['company', 'status', 'tab', 'put_away'], name='order_of_status'), models.Index(fields=['company', 'printed_count', 'tab', 'put_away'], name='order_of_prints'), models.Index(condition=models.Q(('verified_at__isnull', True)), fields=['company', 'tab', 'put_away'], name='order_unverified'), models.Index(fields=['company', 'channel_order_id'], name='order_by_code'), models.Index(condition=models.Q(('lines_known', False)), fields=['store', 'first_seen_at'], name='order_without_lines')],
                'constraints': [models.UniqueConstraint(fields=('store', 'channel_order_id'), name='order_once_a_store')],
            },
        ),
        migrations.CreateModel(
            name='Line',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line_id', models.CharField(db_collation='C', max_length=64)),
                ('sku', models.CharField(blank=True, max_length=200)),
                ('channel_sku', models.CharField(blank=True, max_length=120)),
                ('product_id', models.CharField(blank=True, max_length=64)),
                ('name', models.CharField(max_length=500)),
                ('variation', models.CharField(blank=True, max_length=300)),
                ('image_url', models.CharField(blank=True, max_length=1000)),
                ('quantity', models.PositiveIntegerField()),
                ('unit_price', models.DecimalField(decimal_places=4, max_digits=18)),
                ('seller_discount', models.DecimalField(decimal_places=4, default=Decimal('0'), max_digits=18)),
                ('seller_voucher', models.DecimalField(decimal_places=4, default=Decimal('0'), max_digits=18)),
                ('platform_discount', models.DecimalField(decimal_places=4, default=Decimal('0'), max_digits=18)),
                ('status', models.CharField(max_length=60)),
                ('stage', models.CharField(choices=[('unpaid', 'unpaid'), ('to_pack', 'to_pack'), ('packed', 'packed'), ('ready', 'ready'), ('shipped', 'shipped'), ('delivered', 'delivered'), ('completed', 'completed'), ('cancel_requested', 'cancel_requested'), ('held', 'held'), ('cancelled', 'cancelled'), ('returned', 'returned'), ('failed', 'failed'), ('unknown', 'unknown')], max_length=20)),
                ('live', models.BooleanField(default=True)),
                ('package_id', models.CharField(blank=True, db_collation='C', max_length=64)),
                ('ship_by', models.DateTimeField(blank=True, null=True)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.order')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['company', 'sku'], name='line_by_sku')],
                'constraints': [models.UniqueConstraint(fields=('order', 'line_id'), name='line_once_an_order')],
            },
        ),
        migrations.CreateModel(
            name='History',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('kind', models.CharField(max_length=40)),
                ('text', models.TextField()),
                ('changes', models.JSONField(default=dict)),
                ('batch_id', models.BigIntegerField(null=True)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='history', to='orders.order')),
            ],
            options={
                'verbose_name_plural': 'histories',
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['order', '-id'], name='history_of_an_order')],
            },
        ),
        migrations.CreateModel(
            name='DeliveryTry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('failed_because', models.CharField(blank=True, max_length=200)),
                ('recipient', models.CharField(blank=True, max_length=100)),
                ('photo', models.CharField(blank=True, max_length=200)),
                ('form_key', models.CharField(max_length=64)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='delivery_tries', to='orders.order')),
            ],
            options={
                'ordering': ('-pk',),
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('order', 'form_key'), name='delivery_try_once_a_form')],
            },
        ),
        migrations.CreateModel(
            name='Package',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('package_id', models.CharField(db_collation='C', max_length=64)),
                ('shipment_provider', models.CharField(blank=True, max_length=120)),
                ('tracking_number', models.CharField(blank=True, db_collation='C', max_length=80)),
                ('status', models.CharField(blank=True, max_length=60)),
                ('logistics_id', models.CharField(blank=True, db_collation='C', max_length=64)),
                ('logistics_name', models.CharField(blank=True, max_length=120)),
                ('voided_at', models.DateTimeField(blank=True, null=True)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='packages', to='orders.order')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['company', 'package_id'], name='package_by_code'), models.Index(fields=['company', 'tracking_number'], name='package_by_tracking'), models.Index(models.F('company'), django.db.models.functions.text.Reverse('tracking_number'), name='package_by_last_digits')],
                'constraints': [models.UniqueConstraint(fields=('order', 'package_id'), name='package_once_an_order')],
            },
        ),
        migrations.CreateModel(
            name='RawOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('body', models.BinaryField()),
                ('fetched_at', models.DateTimeField()),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='raw', to='orders.order')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Return',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('return_id', models.CharField(db_collation='C', max_length=64)),
                ('status', models.CharField(max_length=60)),
                ('goods_back', models.BooleanField()),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('amount', models.DecimalField(decimal_places=4, max_digits=18)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('is_open', models.BooleanField()),
                ('waits_for_us', models.BooleanField()),
                ('moves', models.JSONField(default=list)),
                ('deadline', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('comment', models.TextField(blank=True)),
                ('line_ids', models.JSONField(default=list)),
                ('parts', models.JSONField(default=list)),
                ('tracking_number', models.CharField(blank=True, db_collation='C', max_length=80)),
                ('image_urls', models.JSONField(default=list)),
                ('fetched_at', models.DateTimeField()),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='returns', to='orders.order')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['company', 'return_id'], name='return_by_id')],
                'constraints': [models.UniqueConstraint(fields=('order', 'return_id'), name='return_once_an_order')],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
