"""What a user can do: one table, from which keys, footer, palette and help come."""

from tui_nn.actions.action import Action, actions

__all__ = ["Action", "actions"]
