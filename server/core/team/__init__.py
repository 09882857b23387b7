"""What a supervisor must know of enumerators: pace, quotas, refusals, and answers that lean one way."""
