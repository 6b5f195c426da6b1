"""A seat's settings: whole paths, a real address, nothing misspelt."""

from pathlib import Path

import pytest

from exam_protocol.errors import ConfigurationError
from kiosk_client.config import read_kiosk_config


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "kiosk.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_paths_count_from_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, 'zone_url = "https://zone:8443/"\nfolder = "seat"\ntls_certificate = "zone.pem"\n')
    config = read_kiosk_config(path)
    assert config.zone_url == "https://zone:8443"
    assert Path(config.folder) == tmp_path / "seat"
    assert config.tls_certificate == str(tmp_path / "zone.pem")


@pytest.mark.parametrize(
    "text",
    [
        'zone_url = "zone:8443"\nfolder = "seat"\n',
        'zone_url = "http://zone"\n',
        'zone_url = "http://zone"\nfolder = "seat"\nsaet = 7\n',
        'zone_url = "http://zone"\nfolder = "seat"\nreconnect_cap_s = 0\n',
        "zone_url = \n",
    ],
    ids=["no_scheme", "folder_missing", "setting_misspelt", "no_back_off", "not_toml"],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError):
        read_kiosk_config(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"kiosk\.toml"):
        read_kiosk_config(tmp_path / "kiosk.toml")
