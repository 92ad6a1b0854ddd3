"""Writers: functions from a report document (and nothing else) to one output format each."""
