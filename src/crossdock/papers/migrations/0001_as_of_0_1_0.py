"""What the released migrations of before make one by one: a new database gets it in one go."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('papers', '0001_papers'), ('papers', '0002_how_awbs_are_laid_out')]

    initial = True

    dependencies = [
        ('companies', '0003_ship_needs_verification'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('orders', '0007_counted_whatever_is_asked'),
        ('stores', '0003_unlinking_spent_states_and_the_end_of_an_authorisation'),
    ]

    operations = [
        migrations.CreateModel(
            name='Paper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('picking_summary', 'Picking List Summary'), ('picking_list', 'Picking List'), ('manifest', 'Courier Manifest')], max_length=20)),
                ('number', models.PositiveIntegerField()),
                ('form_key', models.CharField(max_length=64)),
                ('selection', models.JSONField(default=dict)),
                ('options', models.JSONField(default=dict)),
                ('size', models.CharField(choices=[('a4', 'A4'), ('a6', 'A6'), ('thermal', '100 × 150 mm')], max_length=10)),
                ('asked_at', models.DateTimeField(auto_now_add=True)),
                ('made_at', models.DateTimeField(blank=True, null=True)),
                ('failed_words', models.TextField(blank=True)),
                ('left_out', models.JSONField(default=dict)),
                ('order_count', models.PositiveIntegerField(default=0)),
                ('page_count', models.PositiveIntegerField(default=0)),
                ('file', models.CharField(blank=True, max_length=200)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['company', '-id'], name='paper_newest')],
                'constraints': [models.UniqueConstraint(fields=('company', 'kind', 'number'), name='paper_once_a_number'), models.UniqueConstraint(fields=('company', 'form_key'), name='paper_once_a_form')],
            },
        ),
        migrations.CreateModel(
            name='Manifest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('shipment_provider', models.CharField(db_collation='C', max_length=120)),
                ('made_at', models.DateTimeField(auto_now_add=True)),
                ('handed_over_at', models.DateTimeField(blank=True, null=True)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('handed_over_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stores.store')),
                ('paper', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='manifests', to='papers.paper')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['company', '-id'], name='manifest_newest')],
                'constraints': [models.UniqueConstraint(fields=('company', 'number'), name='manifest_once_a_number')],
            },
        ),
        migrations.CreateModel(
            name='PaperOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveIntegerField()),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='papers', to='orders.order')),
                ('paper', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='orders', to='papers.paper')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['order', '-paper'], name='newest_paper_of_an_order')],
                'constraints': [models.UniqueConstraint(fields=('paper', 'order'), name='order_once_a_paper')],
            },
        ),
        migrations.CreateModel(
            name='PaperSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('size', models.CharField(choices=[('a4', 'A4'), ('a6', 'A6'), ('thermal', '100 × 150 mm')], default='a6', max_length=10)),
                ('language', models.CharField(default='en', max_length=5)),
                ('sort', models.CharField(default='location', max_length=10)),
                ('hidden', models.JSONField(default=list)),
                ('logo', models.BinaryField(blank=True, default=b'')),
                ('awb_size', models.CharField(blank=True, choices=[('a4', 'A4'), ('a6', 'A6'), ('thermal', '100 × 150 mm')], default='', max_length=10)),
                ('separator', models.CharField(choices=[('none', 'none'), ('courier', "before each courier's"), ('wave', "before each picking list's")], default='none', max_length=10)),
                ('last_first', models.BooleanField(default=False)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
            ],
            options={
                'verbose_name_plural': 'paper settings',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('company',), name='paper_settings_once_a_company')],
            },
        ),
        migrations.CreateModel(
            name='ManifestParcel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveIntegerField()),
                ('is_open', models.BooleanField(default=True)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('manifest', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parcels', to='papers.manifest')),
                ('package', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='manifests', to='orders.package')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_open', True)), fields=('package',), name='package_in_one_open_manifest'), models.UniqueConstraint(fields=('manifest', 'package'), name='package_once_a_manifest')],
            },
        ),
    ]
