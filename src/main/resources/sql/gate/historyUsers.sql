-- Every book of the range is read for each page: there is no order of what users spent over some days.
SELECT user_id, spent_micro_usd, reserved_micro_usd FROM (
    SELECT
        user_id,
        sum(spent_micro_usd)::bigint AS spent_micro_usd,
        sum(reserved_micro_usd)::bigint AS reserved_micro_usd
    FROM user_day
    WHERE workspace_id = :workspace_id AND day >= :from_day AND day <= :to_day
    GROUP BY user_id) totals
WHERE (-spent_micro_usd, user_id) > (-COALESCE(:after_spent::bigint, 9223372036854775807), COALESCE(:after_user::text, ''))
ORDER BY spent_micro_usd DESC, user_id
LIMIT :rows
