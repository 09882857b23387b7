"""What we ask: questionnaires, compiled and read."""
