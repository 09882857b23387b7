"""People and phones: what comes in over HTTP, and what they see."""
