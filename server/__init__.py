"""What it means: the server that receives, seals, keeps and shows interviews."""
