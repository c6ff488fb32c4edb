SELECT kill_switch_since, kill_switch_reason FROM platform WHERE singleton
