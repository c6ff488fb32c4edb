SELECT (operator_clock() AT TIME ZONE 'UTC')::date AS today
