"""A history row is never changed, and goes only with its order (a purge says so in its transaction)."""

from django.db import migrations

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
    dependencies = [("orders", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
