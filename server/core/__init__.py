"""What is decided: pure functions without clock, disk, database or network."""
