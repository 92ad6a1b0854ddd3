"""What both sides of the conversations in these tests say."""

WORD = "a job with people and a plan"
