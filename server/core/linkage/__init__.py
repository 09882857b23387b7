"""Finds the same person among respondents: names as heard, keyed encodings, weights, clusters, counts.

`run.link` links a whole list; `encode.encode_person`, `arrivals.blocking_keys` and `arrivals.compare` serve
respondents as they arrive; `cluster.clusters` and `identity.assigned` turn pairs and decisions into persons.
"""
