"""What joins two dies: specifications."""
