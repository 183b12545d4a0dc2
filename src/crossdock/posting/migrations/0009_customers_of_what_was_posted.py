"""What was posted before is ours under the customer that was sent last, as its attempt has kept it."""

from django.db import migrations

_FILL = """
UPDATE {table} AS posted
SET customers = jsonb_build_array(last.code)
FROM (
    SELECT DISTINCT ON (order_id) order_id, sent -> '{part}' ->> 'code' AS code
    FROM work_attempt
    WHERE action = 'post' AND state IN ('done', 'partly') AND sent -> '{part}' ->> 'code' IS NOT NULL
    ORDER BY order_id, id DESC
) AS last
WHERE last.order_id = posted.order_id AND posted.document_key IS NOT NULL AND posted.customers = '[]'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("posting", "0008_whose_documents_they_are"),
        ("work", "0004_found_without_a_look_at_the_queue"),
    ]

    operations = [
        migrations.RunSQL(
            _FILL.format(table=table, part=part), reverse_sql=migrations.RunSQL.noop
        )
        for table, part in (
            ("posting_postedinvoice", "invoice"),
            ("posting_postedcreditnote", "credit"),
        )
    ]
