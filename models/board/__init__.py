"""What a board is: its registers, its channels, and the record by which it says what it holds."""
