-- First in its transaction: all that it reads is as it was at one moment.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY
