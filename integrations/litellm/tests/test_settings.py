"""Settings: every mistake at once; and no variable of the environment but those that are meant."""

import pytest

from workspace_operator_litellm.settings import BadSettings, Settings

ENVIRONMENT = {
    "WORKSPACE_API_URL": "http://127.0.0.1:1",
    "WORKSPACE_API_KEY": "wsk_own",
    "WORKSPACE_API_KEY_TEAM": "wsk_team",
    "WORKSPACE_API_KEY_": "wsk_prefix",
    "DATABASE_URL": "a secret",
}


def test_the_environment_is_enough() -> None:
    settings = Settings.read(ENVIRONMENT, None)
    assert settings.api_url == "http://127.0.0.1:1"
    assert settings.unpriced == "refuse"
    assert settings.key(None, ENVIRONMENT) == "wsk_own"
    assert settings.key("WORKSPACE_API_KEY_TEAM", ENVIRONMENT) == "wsk_team"


def test_every_mistake_at_once() -> None:
    with pytest.raises(BadSettings) as told:
        Settings.read(
            {},
            {
                "api_url": "ftp://x",
                "lease_seconds": 4,
                "check_seconds": True,
                "unpriced": "maybe",
                "trust_body_user": "yes",
                "default_reservation_usd": "0.0000001",
                "api_key_env": "a b",
                "no_such": 1,
            },
        )
    for name in (
        "http://",
        "lease_seconds",
        "check_seconds",
        "unpriced",
        "trust_body_user",
        "default_reservation_usd",
        "api_key_env",
        "no_such is no setting",
    ):
        assert name in str(told.value)


def test_checks_must_come_before_the_lease_ends() -> None:
    with pytest.raises(BadSettings, match="half of lease_seconds"):
        Settings.read(ENVIRONMENT, {"lease_seconds": 10, "check_seconds": 6})


@pytest.mark.parametrize("configured", ["text", ["list"], 1])
def test_settings_must_be_a_map(configured: object) -> None:
    with pytest.raises(BadSettings, match="must be a map"):
        Settings.read(ENVIRONMENT, configured)


@pytest.mark.parametrize(
    "named",
    [
        "DATABASE_URL",
        "WORKSPACE_API_KEY",
        "WORKSPACE_API_KEY_",
        "WORKSPACE_API_KEY_X Y",
        "",
        1,
        ["WORKSPACE_API_KEY_TEAM"],
        "wsk_a",
    ],
)
def test_no_other_variable_is_read(named: object) -> None:
    with pytest.raises(BadSettings) as told:
        Settings.read(ENVIRONMENT, None).key(named, ENVIRONMENT)
    assert "begins with WORKSPACE_API_KEY_" in str(told.value)
    assert "secret" not in str(told.value)


def test_a_variable_that_is_not_set() -> None:
    with pytest.raises(BadSettings, match="WORKSPACE_API_KEY_NONE is not set"):
        Settings.read(ENVIRONMENT, None).key("WORKSPACE_API_KEY_NONE", ENVIRONMENT)


def test_own_keys_only() -> None:
    settings = Settings.read(ENVIRONMENT, {"require_own_key": True})
    with pytest.raises(BadSettings, match="require_own_key"):
        settings.key(None, ENVIRONMENT)
