-- What is old is found without a look at what is not.
DROP INDEX notification_by_time;
CREATE INDEX notification_spread_by_time ON notification ("time") WHERE spread AND once IS NULL;
CREATE INDEX notification_once_by_time ON notification ("time") WHERE spread AND once IS NOT NULL;
