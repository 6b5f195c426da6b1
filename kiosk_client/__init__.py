"""The candidate's seat: agent, journal, page, lock-down. Imports only ``exam_protocol``."""
