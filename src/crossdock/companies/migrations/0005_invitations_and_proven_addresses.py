import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ROLES = [('owner', 'Owner'), ('manager', 'Manager'), ('bookkeeper', 'Bookkeeper'), ('packer', 'Packer'), ('viewer', 'Viewer')]


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0004_limits_of_all_processes'),
    ]

    operations = [
        migrations.AddField(
            model_name='person',
            name='vouched_by',
            field=models.CharField(blank=True, choices=[('', "an owner's word, in that owner's company alone"), ('operator', "the operator's word, for the operator's own commands"), ('mail', 'a letter that was answered')], db_default='', default='', max_length=8),
        ),
        migrations.CreateModel(
            name='AddressChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.EmailField(max_length=254)),
                ('before', models.EmailField(max_length=254)),
                ('link_number', models.PositiveIntegerField(default=0)),
                ('asked_at', models.DateTimeField()),
                ('taken_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('taken_at', None)), fields=('person',), name='one_change_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('role', models.CharField(choices=ROLES, max_length=12)),
                ('link_number', models.PositiveIntegerField(default=0)),
                ('by_mail', models.BooleanField(default=False)),
                ('mailed_at', models.DateTimeField(null=True)),
                ('mail_problem', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('accepted_at', models.DateTimeField(null=True)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['email'], name='invitation_email')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('accepted_at', None), ('revoked_at', None)), fields=('company', 'email'), name='one_open_invitation')],
            },
        ),
    ]
