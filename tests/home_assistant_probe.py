"""Runs inside a Python that has Home Assistant: start it, let it discover us, print what it made of it.

Usage: home_assistant_probe.py CONFIG_FOLDER BROKER_PORT WEB_PORT. Prints ``ready``; then, for every line
on its standard input, one line of JSON with its states, device triggers and what it complained about. A line
``press ENTITY`` presses that button first.
"""

import asyncio
import json
import logging
import sys
from pathlib import Path

from homeassistant import auth, bootstrap, config_entries, core, loader, setup
from homeassistant.components.mqtt.device_trigger import async_get_triggers
from homeassistant.helpers import device_registry

complaints = []


class Complaints(logging.Handler):
    """Collect what Home Assistant warns of about MQTT."""

    def emit(self, record):
        if "mqtt" in record.name:
            complaints.append(record.getMessage())


async def main():
    folder, port, web_port = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    (folder / ".storage").mkdir()
    (folder / "configuration.yaml").write_text("logger:\n  default: warning\n")
    entry = {
        "entry_id": "broker",
        "version": 1,
        "minor_version": 2,
        "domain": "mqtt",
        "title": "MQTT",
        "data": {"broker": "127.0.0.1", "port": port, "discovery": True},
        "options": {},
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "source": "user",
        "unique_id": None,
        "disabled_by": None,
        "created_at": "2025-01-01T00:00:00+00:00",
        "modified_at": "2025-01-01T00:00:00+00:00",
        "discovery_keys": {},
        "subentries": [],
    }
    storage = {"version": 1, "minor_version": 5, "key": "core.config_entries", "data": {"entries": [entry]}}
    (folder / ".storage" / "core.config_entries").write_text(json.dumps(storage))
    hass = core.HomeAssistant(str(folder))
    hass.config.skip_pip = True
    loader.async_setup(hass)
    hass.config_entries = config_entries.ConfigEntries(hass, {})
    await bootstrap.async_load_base_functionality(hass)
    hass.auth = await auth.auth_manager_from_config(hass, [{"type": "homeassistant"}], [])
    for domain, config in (
        ("homeassistant", {}),
        ("http", {"server_host": ["127.0.0.1"], "server_port": web_port}),
        ("mqtt", {}),
    ):
        if not await setup.async_setup_component(hass, domain, {domain: config}):
            raise SystemExit(f"{domain} did not start")
    handler = Complaints(logging.WARNING)
    logging.getLogger().addHandler(handler)
    await hass.async_start()
    await hass.async_block_till_done()
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while asked := await loop.run_in_executor(None, sys.stdin.readline):
        if asked.startswith("press "):
            await hass.services.async_call("button", "press", {"entity_id": asked.split()[1]}, blocking=True)
        await hass.async_block_till_done()
        devices = device_registry.async_get(hass).devices.values()
        told = {
            "states": {s.entity_id: {"state": s.state, **s.attributes} for s in hass.states.async_all()},
            "devices": [d.name for d in devices],
            "triggers": sorted([t["type"] for d in devices for t in await async_get_triggers(hass, d.id)]),
            "complaints": complaints,
        }
        print(json.dumps(told, default=str), flush=True)
    await hass.async_stop(force=True)


asyncio.run(main())
