"""What was answered before is the first answer in the log of its dose."""

from django.db import migrations

COPY = """
    INSERT INTO medications_doseanswer
        (dose_id, answer, at, by_id, taken_at, quantity, skip_code, skip_reason, over_limit)
    SELECT id, state, answered_at, answered_by_id,
           CASE WHEN state = 'taken' THEN answered_at END,
           CASE WHEN state = 'taken' THEN quantity END,
           '', skip_reason, false
    FROM medications_dose
    WHERE state IN ('taken', 'skipped') AND answered_at IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("medications", "0006_answers_in_full")]

    operations = [migrations.RunSQL(COPY, migrations.RunSQL.noop)]
