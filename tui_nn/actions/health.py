"""Actions on what is wrong with the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_nn.actions.action import action

if TYPE_CHECKING:
    from tui_nn.app import TuiNN


@action("health.remedy", "a", "Remedy", "Apply the remedy of the chosen verdict, else of the most serious one")
def apply(app: TuiNN) -> None:
    verdict = app.run_screen.verdict
    if verdict is None:
        app.run_screen.say("healthy: there is no verdict to be remedied")
    elif not verdict.cure:
        app.run_screen.say(f"{verdict.place}: no key can do that: {verdict.remedy}")
    else:
        app.send(verdict.command)


@action("health.next", "A", "Verdict", "Choose the next verdict, whose remedy the key then applies")
def following(app: TuiNN) -> None:
    app.run_screen.choose_verdict()
