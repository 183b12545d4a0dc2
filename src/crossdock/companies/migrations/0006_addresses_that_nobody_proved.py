"""What addresses are worth that were entered before letters proved them.

Nobody's address counts as proven: a confirmation of the login library could be pressed by somebody who
was not its person. Memberships stay. An address that somebody gave themselves, unproven, is taken back
to the one that an owner had set, where it is known. Members who never had a password become invitations
that their owner can send again: their old links, which would have opened every company they were let
into, are dead.
"""

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import migrations
from django.utils import timezone

from crossdock.companies.addresses import address_of


def put_back_addresses(apps, schema_editor):
    Person = apps.get_model("companies", "Person")
    EmailAddress = apps.get_model("account", "EmailAddress")
    for given in EmailAddress.objects.filter(primary=True).select_related("user"):
        first = EmailAddress.objects.filter(user=given.user).order_by("pk").first()
        person = Person.objects.get(pk=given.user_id)
        is_own_doing = person.email == given.email.lower() != first.email.lower()
        if is_own_doing and not Person.objects.filter(email=first.email.lower()).exists():
            person.email = first.email.lower()
            person.save(update_fields=["email"])
    EmailAddress.objects.all().delete()


def write_addresses_in_one_form(apps, schema_editor):
    Person = apps.get_model("companies", "Person")
    for person in Person.objects.all():
        written = address_of(person.email)
        if written != person.email and not Person.objects.filter(email=written).exists():
            Person.objects.filter(pk=person.pk).update(email=written)


def invite_those_without_a_password(apps, schema_editor):
    Person = apps.get_model("companies", "Person")
    never_in = Person.objects.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX, last_login=None)
    for person in never_in:
        memberships = list(person.memberships.select_related("company"))
        if not memberships or any(_leaves_no_owner(one) for one in memberships):
            continue
        for one in memberships:
            _invite_instead(apps, person, one)
        person.email = f"never-logged-in-{person.pk}@invalid"
        person.save(update_fields=["email"])


def _leaves_no_owner(membership):
    others = membership.company.memberships.filter(role="owner").exclude(pk=membership.pk)
    with_password = others.exclude(person__password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return membership.role == "owner" and not with_password.exists()


def _invite_instead(apps, person, membership):
    apps.get_model("companies", "Invitation").objects.create(
        company_id=membership.company_id,
        email=person.email,
        name=person.name,
        role=membership.role,
        expires_at=timezone.now(),
    )
    membership.delete()


class Migration(migrations.Migration):

    dependencies = [
        ('account', '0009_emailaddress_unique_primary_email'),
        ('companies', '0005_invitations_and_proven_addresses'),
    ]

    operations = [
        migrations.RunPython(put_back_addresses, migrations.RunPython.noop),
        migrations.RunPython(write_addresses_in_one_form, migrations.RunPython.noop),
        migrations.RunPython(invite_those_without_a_password, migrations.RunPython.noop),
    ]
