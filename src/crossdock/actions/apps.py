"""Tells Django about this room, and ``work`` about its actions."""

from django.apps import AppConfig


class ActionsConfig(AppConfig):
    """The room ``actions``."""

    name = "crossdock.actions"
    label = "actions"

    def ready(self) -> None:
        from crossdock.actions.answer_cancellation import AnswerCancellation
        from crossdock.actions.answer_return import AnswerReturn
        from crossdock.actions.cancel_order import CancelOrder
        from crossdock.actions.deliver import Deliver, FailDelivery
        from crossdock.actions.pack import Pack
        from crossdock.actions.repack import Repack
        from crossdock.actions.to_ship import ToShip
        from crossdock.work.action import register
        from crossdock.work.rehearsal import rehearse_scans_of

        for action in (
            Pack(),
            ToShip(),
            Deliver(),
            FailDelivery(),
            Repack(),
            AnswerCancellation(),
            AnswerReturn(),
            CancelOrder(),
        ):
            register(action)
        rehearse_scans_of(ToShip.name)
