SELECT operator_clock() AS now
