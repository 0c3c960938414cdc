"""What is around the screen: the terminal itself, its keyboard, its loss, and what others would print across it."""
