"""Runs that Crossdock began by itself were told to be of the company's first owner, who did not begin them."""

from django.db import migrations

_OF_NOBODY = """
UPDATE work_attempt SET person_id = NULL
FROM work_batch WHERE work_batch.id = work_attempt.batch_id AND work_batch.form_key LIKE 'automatic-%';
UPDATE work_batch SET person_id = NULL WHERE form_key LIKE 'automatic-%';
"""


class Migration(migrations.Migration):
    dependencies = [("work", "0005_batches_that_nobody_began")]

    operations = [migrations.RunSQL(_OF_NOBODY, reverse_sql=migrations.RunSQL.noop)]
