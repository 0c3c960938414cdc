"""From the screen to the terminal, over any link: only what changed, and no more than the link carries."""
