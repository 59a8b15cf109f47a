"""Networks: from a NIR file to integers, and the traces they leave."""
