"""The machines behind the gate: connectors, the circuit breaker, the help desk in the box."""
