"""What joins two dies: engines."""
