#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the agent against a bare epoll loop (bench/floor.cpp) and nginx, in one run, on this machine.

    bench/run.py --agent BINARY --floor BINARY [--rounds 5] [--seconds 3] [--json bench/results.json]

Absolute numbers depend on the machine; the ratios to the bare loop, taken in the same rounds, are what to compare. All load
stays on 127.0.0.1 and is bounded in time. A part whose tool (wrk, nginx, valgrind, strip) is missing is skipped and said so.
"""
import argparse
import contextlib
import json
import os
import pathlib
import platform
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
TOKEN = "bench-token-0123456789abcdef"
SECRET = "bench/1kb"
VALUE = "s" * 1024
TARGET = f"/secretsmanager/get?secretId={SECRET}"
CONNECTIONS = 16
CPUS = sorted(os.sched_getaffinity(0))


# --- HTTP by hand: nothing between us and the bytes ---------------------------------------------------------------------

def request(target: str) -> bytes:
    return (f"GET {target} HTTP/1.1\r\nHost: localhost\r\nX-Aws-Parameters-Secrets-Token: {TOKEN}\r\n\r\n").encode()


def read_response(sock: socket.socket) -> bytes:
    """One whole response with a content-length."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            raise ConnectionError("closed before the end of the head")
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)[1])
    while len(body) < length:
        more = sock.recv(65536)
        if not more:
            raise ConnectionError("closed before the end of the body")
        body += more
    return head + b"\r\n\r\n" + body


def get(port: int, target: str, timeout: float = 30) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as sock:
        sock.sendall(request(target))
        return read_response(sock)


def must_be_200(response: bytes) -> bytes:
    if not response.startswith(b"HTTP/1.1 200 "):
        sys.exit(f"unexpected answer: {response[:300]!r}")
    return response


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait_for_port(port: int, process, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit(f"{process.args[0]} ended with {process.returncode} before it listened")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.01)
    sys.exit(f"nothing listens on port {port}")


# --- a Secrets Manager that knows every secret, counts, and can be slow ---------------------------------------------------

class Upstream:
    def __init__(self):
        self.calls = 0
        self.delay = 0.0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, client.makefile("rb") as stream:
            while True:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    line = stream.readline()
                    if not line:
                        return
                    head += line
                length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
                body = stream.read(int(length[1])) if length else b""
                self.calls += 1
                time.sleep(self.delay)
                name = json.loads(body or b"{}").get("SecretId", "")
                answer = json.dumps({
                    "ARN": f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{name}-AbCdEf", "Name": name,
                    "VersionId": "5767290c-d089-49ed-b97c-17086f8c9d79", "SecretString": VALUE,
                    "VersionStages": ["AWSCURRENT"], "CreatedDate": 1569534789.046}).encode()
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: %d\r\n\r\n%s"
                               % (len(answer), answer))


# --- the programs -------------------------------------------------------------------------------------------------------

class Bench:
    def __init__(self, options, directory: pathlib.Path):
        self.options = options
        self.directory = directory
        self.upstream = Upstream()
        self.ports = {}

    def agent_environment(self) -> dict:
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.directory), "AWS_TOKEN": TOKEN, "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
                "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.upstream.port}", "AWS_EC2_METADATA_DISABLED": "true"}

    def agent_command(self, port: int) -> list:
        config = self.directory / f"agent-{port}.toml"
        config.write_text(f'http_port = {port}\nmax_conn = 1000\nttl_seconds = 3600\nworkers = 1\n'
                          f'log_to_file = false\nlog_level = "error"\nvalidate_credentials = false\n')
        return [str(pathlib.Path(self.options.agent).resolve()), "--config", str(config)]

    def command(self, name: str, port: int, for_callgrind: bool = False) -> list:
        if name == "agent":
            command = self.agent_command(port)
            # Valgrind before 3.20 gives up on the debug information of clang 19: it gets the stripped binary.
            stripped = self.directory / "stripped"
            return [str(stripped), *command[1:]] if for_callgrind and stripped.exists() else command
        if name == "floor":
            return [str(pathlib.Path(self.options.floor).resolve()), str(port), str(self.directory / "response")]
        body = (self.directory / "response").read_bytes().partition(b"\r\n\r\n")[2]
        config = self.directory / f"nginx-{port}.conf"
        text = (HERE / "nginx.conf.in").read_text()
        for key, value in {"DIR": self.directory, "PORT": port, "BODY": "x" * len(body),
                           "MASTER": "off" if for_callgrind else "on"}.items():
            text = text.replace(f"@{key}@", str(value))
        config.write_text(text)
        return [shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin"), "-c", str(config), "-p", str(self.directory)]

    @contextlib.contextmanager
    def running(self, name: str, prefix=(), pin: bool = False, **kwargs):
        """The program, listening, as (process, port); ended with SIGTERM."""
        port = free_port()
        command = [*prefix, *self.command(name, port, bool(prefix))]
        pinned = (lambda: os.sched_setaffinity(0, {CPUS[0]})) if pin and len(CPUS) > 1 else None
        process = subprocess.Popen(command, env=self.agent_environment(), cwd=self.directory, preexec_fn=pinned,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=kwargs.pop("stderr", subprocess.DEVNULL), **kwargs)
        try:
            wait_for_port(port, process)
            yield process, port
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                sys.exit(f"{name} did not end within 60 s of SIGTERM")

    def record_response(self) -> bytes:
        """The agent's own answer to a hit: what the other two answer with."""
        with self.running("agent") as (_, port):
            must_be_200(get(port, TARGET))
            response = must_be_200(get(port, TARGET))
        (self.directory / "response").write_bytes(response)
        return response

    # --- what is measured ---

    def cpu_of_hits(self) -> dict:
        """CPU of a request under wrk, in interleaved rounds."""
        names = ["agent", "floor"] + (["nginx"] if self.has_nginx() else [])
        samples = {name: [] for name in names}
        with contextlib.ExitStack() as stack:
            servers = {name: stack.enter_context(self.running(name, pin=True)) for name in names}
            for process, port in servers.values():
                must_be_200(get(port, TARGET))
                self.wrk(port, 0.5)
            for number in range(self.options.rounds):
                for name, (process, port) in servers.items():
                    before = cpu_seconds(process.pid)
                    count, rate, p99 = self.wrk(port, self.options.seconds)
                    used = cpu_seconds(process.pid) - before
                    samples[name].append({"cpu_us": used / count * 1e6, "rate": rate, "p99_ms": p99})
                print(f"  round {number + 1}: " + ", ".join(
                    f"{name} {rounds[-1]['cpu_us']:.2f} us" for name, rounds in samples.items()), flush=True)
        result = {}
        for name, rounds in samples.items():
            ratios = [mine["cpu_us"] / floor["cpu_us"] for mine, floor in zip(rounds, samples["floor"])]
            result[name] = {"cpu_us": spread([r["cpu_us"] for r in rounds]), "ratio_to_floor": spread(ratios),
                            "requests_per_second": spread([r["rate"] for r in rounds]),
                            "p99_ms": spread([r["p99_ms"] for r in rounds])}
        return result

    def wrk(self, port: int, seconds: float):
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--latency",
                   "-H", f"X-Aws-Parameters-Secrets-Token: {TOKEN}", f"http://127.0.0.1:{port}{TARGET}"]
        pinned = (lambda: os.sched_setaffinity(0, {CPUS[-1]})) if len(CPUS) > 1 else None
        text = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 30,
                              preexec_fn=pinned).stdout
        if "Non-2xx" in text or "Socket errors" in text:
            sys.exit(f"wrk saw failures:\n{text}")
        value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
        return (int(re.search(r"(\d+) requests in", text)[1]), float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
                float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit])

    def start_time(self) -> dict:
        """From the start of the process to its first 200 on /ping."""
        times = []
        for _ in range(self.options.starts):
            port = free_port()
            command = self.agent_command(port)
            begin = time.perf_counter()
            pid = os.posix_spawn(command[0], command, self.agent_environment(), file_actions=[
                (os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1, 2)])
            answer = b""
            while not answer and time.perf_counter() - begin < 10:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
                    sock.sendall(b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    answer = sock.recv(4096)
            times.append((time.perf_counter() - begin) * 1000)
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)
            must_be_200(answer)
        return {"start_to_first_answer_ms": spread(times)}

    def memory(self) -> dict:
        result = {}
        with self.running("agent") as (process, port):
            get(port, "/ping")
            time.sleep(0.5)
            result["idle_mb"] = resident_mb(process.pid)
            with socket.create_connection(("127.0.0.1", port), timeout=30) as sock:
                for number in range(1000):
                    sock.sendall(request(f"/secretsmanager/get?secretId=bench/{number:04}"))
                    must_be_200(read_response(sock))
            result["with_1000_secrets_of_1kb_mb"] = resident_mb(process.pid)
        with self.running("agent") as (process, port):
            self.upstream.delay, self.upstream.calls = 1.0, 0
            begin = time.monotonic()
            answered = concurrent(port, request(TARGET), 1000)
            result["concurrent_misses_seconds"] = round(time.monotonic() - begin, 3)
            self.upstream.delay = 0.0
            result["concurrent_misses"] = answered
            result["calls_for_concurrent_misses"] = self.upstream.calls
            result["after_1000_concurrent_misses_mb"] = resident_mb(process.pid)
        return result

    def size(self) -> dict:
        result = {"binary_mb": os.path.getsize(self.options.agent) / 1e6}
        strip = shutil.which("strip") or shutil.which("llvm-strip-19") or shutil.which("llvm-strip")
        if strip:
            stripped = self.directory / "stripped"
            subprocess.run([strip, "-o", str(stripped), self.options.agent], check=True)
            result["stripped_mb"] = stripped.stat().st_size / 1e6
        else:
            print("  skipped: the stripped size (no strip)")
        return result

    def instructions(self) -> dict:
        """User-space instructions of a hit on one connection: callgrind's total for many requests minus that for few."""
        names = ["agent", "floor"] + (["nginx"] if self.has_nginx() else [])
        few, many = 1000, 5000
        result = {}
        for name in names:
            try:
                result[name] = self.instructions_of(name, few, many)
            except SystemExit as problem:  # nginx under valgrind does not always heed its signal
                print(f"  skipped: {name} ({problem})")
                continue
            print(f"  {name}: {result[name]}", flush=True)
        return result

    def instructions_of(self, name: str, few: int, many: int) -> int:
        totals = []
        for count in (few, many):
            out = self.directory / f"callgrind.{name}.{count}"
            with self.running(name, ("valgrind", "--tool=callgrind", f"--callgrind-out-file={out}")) as (_, port):
                with socket.create_connection(("127.0.0.1", port), timeout=60) as sock:
                    for _ in range(count):
                        sock.sendall(request(TARGET))
                        must_be_200(read_response(sock))
            totals.append(int(re.search(r"^summary: (\d+)", out.read_text(), re.MULTILINE)[1]))
        return round((totals[1] - totals[0]) / (many - few))

    @staticmethod
    def has_nginx() -> bool:
        return shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin") is not None


def concurrent(port: int, payload: bytes, count: int) -> int:
    """`count` connections that all ask before any is answered; how many got a 200."""
    sockets = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(count)]
    for sock in sockets:
        sock.sendall(payload)
    good = sum(read_response(sock).startswith(b"HTTP/1.1 200 ") for sock in sockets)
    for sock in sockets:
        sock.close()
    return good


def children(pid: int) -> list:
    with contextlib.suppress(OSError):
        return [int(child) for task in os.listdir(f"/proc/{pid}/task")
                for child in pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text().split()]
    return []


def cpu_seconds(pid: int) -> float:
    """utime + stime of a process and its children (nginx answers in a worker)."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + sum(cpu_seconds(c) for c in children(pid))


def resident_mb(pid: int) -> float:
    return int(re.search(r"VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1000


def spread(values: list) -> dict:
    return {"median": round(statistics.median(values), 3), "min": round(min(values), 3), "max": round(max(values), 3)}


# --- the table -----------------------------------------------------------------------------------------------------------

def table(results: dict) -> str:
    rows = [("figure", "agent", "bare loop", "nginx", "budget")]

    def three(title, section, key, form, budget=""):
        cells = [results.get(section, {}).get(name, {}) for name in ("agent", "floor", "nginx")]
        cells = [cell.get(key) if key else cell for cell in cells]
        rows.append((title, *[form(cell) if cell else "-" for cell in cells], budget))

    def median(digits):
        return lambda cell: f"{cell['median']:.{digits}f} ({cell['min']:.{digits}f}-{cell['max']:.{digits}f})"

    if "hits" in results:
        three("CPU of a hit, us", "hits", "cpu_us", median(2))
        three("CPU of a hit, bare loop = 1", "hits", "ratio_to_floor", median(2), "1.15")
        three("p99 of hits, ms", "hits", "p99_ms", median(2), "nginx's")
        three("requests a second", "hits", "requests_per_second", median(0))
    if "instructions" in results:
        three("instructions of a hit, user space", "instructions", None, lambda cell: f"{cell}", "9000")
    start = results["start"]["start_to_first_answer_ms"]
    rows.append(("start to first answer, ms", median(2)(start), "-", "-", "3"))
    memory = results["memory"]
    rows.append(("resident idle, MB", f"{memory['idle_mb']:.1f}", "-", "-", "6"))
    rows.append(("resident with 1,000 x 1 KB, MB", f"{memory['with_1000_secrets_of_1kb_mb']:.1f}", "-", "-", "9"))
    rows.append(("resident after 1,000 concurrent misses, MB", f"{memory['after_1000_concurrent_misses_mb']:.1f}", "-", "-",
                 "16"))
    rows.append((f"calls to AWS for {memory['concurrent_misses']} concurrent misses",
                 str(memory["calls_for_concurrent_misses"]), "-", "-", "1"))
    if "stripped_mb" in results["size"]:
        rows.append(("binary, stripped, MB", f"{results['size']['stripped_mb']:.2f}", "-", "-", "8"))
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--agent", required=True, help="the release binary")
    parser.add_argument("--floor", required=True, help="what bench/floor.cpp builds to")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of load a round and server")
    parser.add_argument("--starts", type=int, default=20)
    parser.add_argument("--no-callgrind", action="store_true")
    parser.add_argument("--json", default=str(HERE / "results.json"))
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192) if hard != resource.RLIM_INFINITY else 8192, hard))

    results = {"machine": {"processors": len(CPUS), "architecture": platform.machine(), "kernel": platform.release()}}
    with tempfile.TemporaryDirectory(prefix="sma-bench-") as directory:
        os.chmod(directory, 0o755)  # nginx's worker is another user
        bench = Bench(options, pathlib.Path(directory))
        print("a hit, as it is answered")
        results["response_bytes"] = len(bench.record_response())
        if not bench.has_nginx():
            print("  skipped: nginx (not installed)")
        print("start")
        results["start"] = bench.start_time()
        print("memory")
        results["memory"] = bench.memory()
        print("size")
        results["size"] = bench.size()
        if shutil.which("wrk"):
            print(f"CPU of a hit: {options.rounds} rounds of {options.seconds:g} s, {CONNECTIONS} connections")
            results["hits"] = bench.cpu_of_hits()
        else:
            print("skipped: CPU of a hit (wrk is not installed)")
        if options.no_callgrind:
            print("skipped: instructions of a hit")
        elif shutil.which("valgrind"):
            print("instructions of a hit (callgrind)")
            results["instructions"] = bench.instructions()
        else:
            print("skipped: instructions of a hit (valgrind is not installed)")
    pathlib.Path(options.json).write_text(json.dumps(results, indent=2) + "\n")
    print()
    print(table(results))
    print(f"\nin full: {options.json}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
