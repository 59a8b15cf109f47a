"""What joins two dies: hardware."""
