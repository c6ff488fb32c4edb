"""Gates every request of a LiteLLM proxy by Workspace Operator.

In the proxy's ``config.yaml``::

    litellm_settings:
      callbacks: workspace_operator_litellm.gate

``gate`` is the instance that LiteLLM calls; README.md tells its settings and what it promises.
"""

from .callback import _PROXY_WorkspaceGate as WorkspaceGate
from .refusal import Refused
from .settings import BadSettings, Settings

gate = WorkspaceGate()

__all__ = ["BadSettings", "Refused", "Settings", "WorkspaceGate", "gate"]
