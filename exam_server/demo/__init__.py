"""A whole exam day on one machine, by the same commands that people type: demo, test data and rehearsal in one."""
