SELECT namespace, resource_name, revision FROM workspace WHERE cluster = :cluster AND state = 'PRESENT'
