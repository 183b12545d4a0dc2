"""What the released migrations of before make one by one: a new database gets it in one go."""

import django.db.models.deletion
import django.utils.timezone
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('posting', '0001_initial'), ('posting', '0002_credit_notes'), ('posting', '0003_settings_bundles_reconciliation'), ('posting', '0004_fees'), ('posting', '0005_barcodes_and_shelves'), ('posting', '0006_changed_codes'), ('posting', '0007_include_cancelled_orders')]

    initial = True

    dependencies = [
        ('companies', '0003_ship_needs_verification'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('orders', '0007_counted_whatever_is_asked'),
        ('stores', '0003_unlinking_spent_states_and_the_end_of_an_authorisation'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reconciliation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateField()),
                ('until', models.DateField()),
                ('asked_at', models.DateTimeField(auto_now_add=True)),
                ('read', models.PositiveIntegerField(default=0)),
                ('compared', models.PositiveIntegerField(default=0)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('error', models.TextField(blank=True)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['company', '-id'], name='reconciliations_newest')],
            },
        ),
        migrations.CreateModel(
            name='Difference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('missing', 'not in SQL Account'), ('cancelled', 'cancelled in SQL Account'), ('total', 'another total'), ('edited', 'edited in SQL Account'), ('double', 'there more than once'), ('extra', 'not posted from here')], max_length=10)),
                ('number', models.CharField(db_collation='C', max_length=40)),
                ('ours', models.DecimalField(decimal_places=2, max_digits=18, null=True)),
                ('theirs', models.DecimalField(decimal_places=2, max_digits=18, null=True)),
                ('repaired_at', models.DateTimeField(blank=True, null=True)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='orders.order')),
                ('reconciliation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='differences', to='posting.reconciliation')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='SkuCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.CharField(max_length=200)),
                ('item_code', models.CharField(max_length=30)),
                ('uom', models.CharField(blank=True, max_length=10)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('company', 'sku'), name='sku_mapped_once')],
            },
        ),
        migrations.CreateModel(
            name='SkuPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item_code', models.CharField(max_length=30)),
                ('uom', models.CharField(blank=True, max_length=10)),
                ('quantity', models.DecimalField(decimal_places=4, default=Decimal('1'), max_digits=12)),
                ('share', models.DecimalField(decimal_places=6, max_digits=7)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('sku_code', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='posting.skucode')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('sku_code', 'item_code'), name='bundle_part_once'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0), ('share__gte', 0), ('share__lte', 1)), name='bundle_part_sane')],
            },
        ),
        migrations.CreateModel(
            name='SqlAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('base_url', models.CharField(default='https://api.sql.my', max_length=200)),
                ('access_key', models.CharField(db_collation='C', max_length=100)),
                ('secret_key_sealed', models.BinaryField()),
                ('region', models.CharField(default='ap-southeast-5', max_length=40)),
                ('service', models.CharField(default='sqlaccount', max_length=40)),
                ('document_date', models.CharField(choices=[('created', 'the day the order was created'), ('paid', 'the day the buyer paid'), ('posted', 'the day it is posted')], default='created', max_length=10)),
                ('conversion_date', models.DateField(blank=True, null=True)),
                ('post_when', models.CharField(choices=[('manual', 'by hand only'), ('shipped', 'as soon as they are shipped'), ('delivered', 'as soon as they are delivered'), ('completed', 'as soon as they are completed')], default='manual', max_length=10)),
                ('fees_since', models.DateTimeField(blank=True, null=True)),
                ('include_cancelled', models.BooleanField(default=True)),
                ('pdf_template', models.CharField(default='Sales Invoice 8 (SST 1)', max_length=80)),
                ('books_name', models.CharField(blank=True, max_length=200)),
                ('version', models.CharField(blank=True, max_length=60)),
                ('connected_at', models.DateTimeField(auto_now_add=True)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('error', models.TextField(blank=True)),
                ('codes_read_at', models.DateTimeField(blank=True, null=True)),
                ('codes_newest', models.JSONField(default=dict)),
                ('codes_progress', models.CharField(blank=True, max_length=80)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('company',), name='one_set_of_books_a_company'), models.UniqueConstraint(fields=('access_key',), name='access_key_once_in_an_installation')],
            },
        ),
        migrations.CreateModel(
            name='StoreCodes',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('customer', models.CharField(max_length=10)),
                ('location', models.CharField(blank=True, max_length=20)),
                ('project', models.CharField(blank=True, max_length=20)),
                ('discount_item', models.CharField(blank=True, max_length=30)),
                ('voucher_item', models.CharField(blank=True, max_length=30)),
                ('shipping_item', models.CharField(blank=True, max_length=30)),
                ('transaction_item', models.CharField(blank=True, max_length=30)),
                ('default_item', models.CharField(blank=True, max_length=30)),
                ('tax', models.CharField(blank=True, max_length=10)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('store', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='codes', to='stores.store')),
            ],
            options={
                'verbose_name_plural': 'store codes',
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='BooksCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('stockitem', 'stock item'), ('customer', 'customer'), ('location', 'location'), ('project', 'project'), ('tax', 'tax'), ('pmmethod', 'payment method')], max_length=12)),
                ('code', models.CharField(max_length=40)),
                ('description', models.CharField(blank=True, max_length=300)),
                ('uom', models.CharField(blank=True, max_length=10)),
                ('uoms', models.JSONField(default=list)),
                ('barcodes', models.JSONField(default=list)),
                ('shelf', models.CharField(blank=True, max_length=40)),
                ('read_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('company', 'kind', 'code'), name='books_code_once')],
            },
        ),
        migrations.CreateModel(
            name='ExchangeRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3)),
                ('valid_from', models.DateField()),
                ('rate', models.DecimalField(decimal_places=8, max_digits=18)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('company', 'currency', 'valid_from'), name='rate_once_a_day'), models.CheckConstraint(condition=models.Q(('rate__gt', 0)), name='rate_above_zero')],
            },
        ),
        migrations.CreateModel(
            name='OrderSettlement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('read_at', models.DateTimeField()),
                ('is_known', models.BooleanField(default=False)),
                ('is_final', models.BooleanField(default=False)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('amount', models.DecimalField(decimal_places=4, default=Decimal('0'), max_digits=18)),
                ('shipping', models.DecimalField(decimal_places=4, default=Decimal('0'), max_digits=18)),
                ('fees', models.JSONField(default=list)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='settlement', to='orders.order')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['company', 'is_final', 'read_at'], name='settlement_due')],
            },
        ),
        migrations.CreateModel(
            name='PostedCreditNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(db_collation='C', max_length=20)),
                ('day', models.DateField(blank=True, null=True)),
                ('document_key', models.BigIntegerField(blank=True, null=True)),
                ('update_count', models.IntegerField(default=0)),
                ('total', models.DecimalField(decimal_places=2, default=Decimal('0'), max_digits=18)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('posted_at', models.DateTimeField(blank=True, null=True)),
                ('cancelled_at', models.DateTimeField(blank=True, null=True)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='credit_note', to='orders.order')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('company', 'number'), name='credit_note_number_once')],
            },
        ),
        migrations.CreateModel(
            name='PostedInvoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(db_collation='C', max_length=20)),
                ('day', models.DateField(blank=True, null=True)),
                ('document_key', models.BigIntegerField(blank=True, null=True)),
                ('update_count', models.IntegerField(default=0)),
                ('total', models.DecimalField(decimal_places=2, default=Decimal('0'), max_digits=18)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('posted_at', models.DateTimeField(blank=True, null=True)),
                ('cancelled_at', models.DateTimeField(blank=True, null=True)),
                ('line_ids', models.JSONField(default=list)),
                ('with_fees', models.BooleanField(default=False)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='invoice', to='orders.order')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('company', 'number'), name='invoice_number_once')],
            },
        ),
    ]
