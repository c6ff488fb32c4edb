"""Callbacks beside the gate's own, which make come true what LiteLLM does at its worst."""

from litellm.integrations.custom_logger import CustomLogger
from workspace_operator_litellm import gate


class Twice(CustomLogger):
    """The gate is told of each success a second time, and then of another cost."""

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        await gate.async_log_success_event(kwargs, response_obj, start_time, end_time)
        other = {**kwargs, "response_cost": 5.0}
        await gate.async_log_success_event(other, response_obj, start_time, end_time)


class Forgetful(CustomLogger):
    """By the time that a success is told, the gate's process knows of no call, as after a restart."""

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        gate._open.clear()


twice = Twice()
forgetful = Forgetful()
