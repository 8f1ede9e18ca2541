#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the #include lines under src/ against the direction of dependencies in ARCHITECTURE.md.

    tools/check-layers.py [ROOT]

Prints FILE:LINE: REASON for each breach and exits 1 if there is one. Test files (*_test.cpp) may include whatever the
code that they test may include, and GoogleTest.
"""
import fnmatch
import pathlib
import re
import sys

# A module may include itself and these. config is read at the top and handed down as plain options.
MODULES = {
    "base": [],
    "io": ["base"],
    "config": ["base"],
    "aws": ["base", "io"],
    "cache": ["base", "io"],
    "secrets": ["base", "io", "cache", "aws"],
    "server": ["base", "io", "secrets", "config"],
    "emulator": ["base", "io", "aws"],
    "cli": ["base", "io", "config", "aws", "cache", "secrets", "server", "emulator"],
}
# Third-party headers (prefix), or our own around one, and the files that may include them.
FENCES = {
    "openssl/": ["base/*", "aws/http*", "aws/sigv4*"],
    "boost/asio/ssl": ["aws/http*"],
    "boost/beast": ["io/*", "server/*", "emulator/*", "aws/http*"],
    "sodium": ["base/*", "cache/key*", "emulator/codec*", "cli/main.cpp"],
    "toml++/": ["base/toml.hpp"],
    "base/toml.hpp": ["config/*", "emulator/seed_toml.cpp"],
    "CLI/": ["cli/*"],
    "spdlog/": ["base/log.cpp"],
    "pugixml": ["aws/xml*"],
}
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"(?P<own>[^"]+)"|<(?P<library>[^>]+)>)')


def breaches(source: pathlib.Path):
    for path in sorted(source.rglob("*.[ch]pp")):
        name = path.relative_to(source).as_posix()
        module = name.split("/")[0]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            header = match["own"] or match["library"]
            other = header.split("/")[0]
            if match["own"] and other in MODULES and other != module and other not in MODULES.get(module, []):
                yield f"{path}:{number}: {module} may not include {header}: it depends on {MODULES.get(module)} only"
            for prefix, allowed in FENCES.items():
                if header.startswith(prefix) and not any(fnmatch.fnmatch(name, pattern) for pattern in allowed):
                    yield f"{path}:{number}: <{header}> is for {', '.join(allowed)} only"


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    found = list(breaches(root / "src"))
    print("\n".join(found) if found else "check-layers: every include points the right way")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
