"""Who may use the proxy: LiteLLM's own way to say so without a database. A key is sk-NAME."""

from fastapi import Request
from litellm.proxy._types import UserAPIKeyAuth

KEYS = {
    "sk-ada": {"user_id": "ada"},
    "sk-bob": {"user_id": "bob"},
    "sk-alias": {"key_alias": "batch jobs"},
    "sk-nobody": {},
    "sk-team": {"user_id": "ada", "team_id": "t1", "team_metadata": {"workspace_api_key_env": "WORKSPACE_API_KEY_TEAM"}},
    "sk-team-own": {
        "user_id": "ada",
        "metadata": {"workspace_api_key_env": "WORKSPACE_API_KEY_OWN"},
        "team_metadata": {"workspace_api_key_env": "WORKSPACE_API_KEY_TEAM"},
    },
    "sk-wrong": {"user_id": "ada", "team_metadata": {"workspace_api_key_env": "WORKSPACE_API_KEY_WRONG"}},
    "sk-unset": {"user_id": "ada", "team_metadata": {"workspace_api_key_env": "WORKSPACE_API_KEY_UNSET"}},
    "sk-thief": {"user_id": "ada", "metadata": {"workspace_api_key_env": "OTHER_SECRET"}},
    "sk-thief-2": {"user_id": "ada", "metadata": {"workspace_api_key_env": ["WORKSPACE_API_KEY_TEAM"]}},
}


async def user_api_key_auth(request: Request, api_key: str) -> UserAPIKeyAuth:
    if api_key not in KEYS:
        raise ValueError("no such key")
    return UserAPIKeyAuth(api_key=api_key, **KEYS[api_key])
