# SPDX-License-Identifier: Apache-2.0
"""Every thread of the agent busy at once: meant for ThreadSanitizer above all."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness import upstream as aws
from harness.agent import TOKEN, AgentFactory, write_config
from harness.rawhttp import Connection, request
from harness.upstream import Upstream
from harness.wait import until

CLIENTS = 8
ROUNDS = 30
SECRETS = [f"secret-{number}" for number in range(6)]
SETTINGS = "workers = 4\nttl_seconds = 1\ncache_size = {size}\nmax_conn = {limit}\nlog_level = '{level}'\n"


def test_hits_misses_reloads_and_new_tokens_meet(agent: AgentFactory, upstream: Upstream, tmp_path: Path) -> None:
    for name in SECRETS:
        upstream.add(name, name)
    token = tmp_path / "token"
    token.write_text(TOKEN)
    running = agent(
        SETTINGS.format(size=3, limit=100, level="debug"),
        upstream=upstream,
        env={"AWS_TOKEN": f"file://{token}"},
    )
    leaving = threading.Event()

    def client(number: int) -> set[int]:
        statuses = set()
        while not leaving.is_set():
            try:
                with Connection(running.port) as connection:  # which worker takes it is left to chance
                    for step in range(20):
                        number += 1
                        target = f"/v1/{SECRETS[number % len(SECRETS)]}"
                        target += "?refreshNow=true" if step % 7 == 0 else ""
                        statuses.add(connection.send(request(target)).answer().status)
            except (OSError, AssertionError):
                if not leaving.is_set():
                    raise
        return statuses

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(client, number) for number in range(CLIENTS)]
        try:
            for number in range(ROUNDS):
                new = tmp_path / "new"
                new.write_text(TOKEN)
                os.replace(new, token)
                if number in (5, 15):  # two failures in all: every call has three attempts
                    upstream.next("GetSecretValue", aws.error(503, "ServiceUnavailable"))
                write_config(
                    running.cwd,
                    SETTINGS.format(size=number % 6, limit=100 + number, level=("info", "debug")[number % 2]),
                )
                running.process.send_signal(signal.SIGHUP)
                running.wait_log("Configuration re-read", number + 1)
                until(lambda seen=upstream.count(): upstream.count() > seen + 5, "more calls")
        finally:
            leaving.set()
            status = running.stop()  # under load
        assert status == 0
        assert {200} == set().union(*(done.result() for done in clients))
