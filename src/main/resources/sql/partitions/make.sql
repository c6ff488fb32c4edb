SELECT make_day_partition(:parent::regclass, (operator_clock() AT TIME ZONE 'UTC')::date + ahead) AS made
FROM generate_series(0, :days_ahead) AS ahead
