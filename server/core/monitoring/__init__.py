"""What a campaign's answers say: indicators counted from those who count, and tables that may be shown."""
