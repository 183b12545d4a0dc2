"""Seeds of two-step login and of its recovery codes that lie in clear are sealed."""

from django.db import migrations

from crossdock.companies.two_step import SealedTwoStep

NAMES = ("secret", "seed")


def seal_seeds(apps, schema_editor):
    seals = SealedTwoStep()
    for one in apps.get_model("mfa", "Authenticator").objects.select_for_update():
        clear = {name: one.data[name] for name in NAMES if name in one.data}
        codes = one.data.get("migrated_codes") or []
        one.data |= {name: seals.sealed_once(text) for name, text in clear.items()}
        if codes:
            one.data["migrated_codes"] = [seals.sealed_once(code) for code in codes]
        one.save(update_fields=["data"])


def open_seeds(apps, schema_editor):
    seals = SealedTwoStep()
    for one in apps.get_model("mfa", "Authenticator").objects.select_for_update():
        one.data |= {name: seals.decrypt(one.data[name]) for name in NAMES if name in one.data}
        if codes := one.data.get("migrated_codes"):
            one.data["migrated_codes"] = [seals.decrypt(code) for code in codes]
        one.save(update_fields=["data"])


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0006_addresses_that_nobody_proved'),
        ('mfa', '0003_authenticator_type_uniq'),
    ]

    operations = [
        migrations.RunPython(seal_seeds, open_seeds),
    ]
