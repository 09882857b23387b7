"""Back-checks: a few questions asked again by somebody else, and how far the answers agree."""
