#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bans constructs that are wrong here although they compile.

    tools/check-banned.py [ROOT]

Comments and string literals are blanked before matching. ALLOWED counts the exceptions by file and ban, with the reason:
one more, or one fewer than counted, is an error, so that the list stays true. Prints FILE:LINE: REASON, exits 1 if any.
"""
import fnmatch
import pathlib
import re
import sys

# name: (pattern, files it does not apply to, what to do instead)
BANS = {
    "memcmp": (r"(?<![\w])(?:std::|::)?memcmp\s*\(", [], "compare secrets with SecretBytes::equals, the rest with =="),
    "token ==": (r"(?:\b\w*(?:token|signature|secret|password)_?\b(?:\(\))?\s*[!=]=(?!\s*(?:nullptr|std::nullopt|'))"
                 r"|[!=]=\s*\w*(?:[tT]oken|signature|password)_?\b(?!\())", ["*_test.cpp"],
                 "compare secrets in constant time"),
    "getenv": (r"\b(?:secure_)?getenv\s*\(|\benviron\b", ["src/cli/*"], "take an aws::Environment or an option"),
    "std::cout": (r"\bstd::(?:cout|cerr|clog)\b", [], "log, or std::fprintf/std::fputs in cli/"),
    "printf": (r"(?<![\w])(?:std::)?(?:printf|puts|sprintf|vsprintf)\s*\(", ["src/cli/*"],
               "standard output belongs to cli/; fmt::format for text"),
    "detached": (r"\bdetached\b|\.detach\s*\(", [], "io::spawn, or a thread that is joined"),
    "new": (r"(?<![\w:])(?:::)?new\b\s*[\w(:<]", [], "std::make_unique, std::unique_ptr(new T) where T's constructor is "
            "private, or a container"),
    "delete": (r"(?<![=\w])\s*\bdelete\b\s*(?:\[\s*\])?\s*[\w(*]", [], "std::unique_ptr or a container"),
    "system_clock::now": (r"\bsystem_clock::now\b|(?<!\w)(?:std::|::)?time\s*\(\s*(?:nullptr|0|NULL)\s*\)",
                          ["src/base/clock.cpp"], "take a Clock"),
    "steady_clock::now": (r"\bsteady_clock::now\b|\bclock_gettime\s*\(", ["src/base/clock.cpp", "src/io/*"],
                          "take a Clock"),
    "rand": (r"\b(?:std::)?(?:s?rand|random_device)\b\s*[({]", [], "base/random.hpp"),
    "system": (r"(?:\bstd::|(?<!\w)::)system\s*\(|\bpopen\s*\(", [], "no shell"),
    "strcpy": (r"\b(?:strcpy|strcat|gets|alloca)\s*\(", [], "std::string, std::span"),
}

# (file, ban): (how often, why)
ALLOWED = {
    ("src/base/secret_memory.cpp", "new"): (1, "placement: the arena lives in static storage and is never destroyed"),
    ("src/aws/environment.cpp", "getenv"): (1, "process_environment() itself"),
    ("src/server/response.cpp", "steady_clock::now"): (1, "the coarse clock for the Date field: nothing is decided by it"),
    ("src/server/server.cpp", "steady_clock::now"): (2, "how long stop() may block its own thread"),
    ("src/cli/notify.cpp", "steady_clock::now"): (1, "sd_notify wants CLOCK_MONOTONIC's own number"),
    ("src/cli/cli_test.cpp", "steady_clock::now"): (1, "the same number, to compare with"),
    ("src/server/token.cpp", "token =="): (1, "a token with itself, at start"),
}

NOTE = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))")
SPDX = "SPDX-License-Identifier: Apache-2.0"
OWNED_NEW = re.compile(r"\bunique_ptr<[^;()]*>\s*\w*\s*[({]\s*new\b")
BLANKED = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.DOTALL)


def blank(text: str) -> str:
    """Comments and literals made empty, line numbers kept."""
    return BLANKED.sub(lambda match: match[0][0] + "\n" * match[0].count("\n") + match[0][-1]
                       if match[0][0] in "\"'" else "\n" * match[0].count("\n"), text)


def check(root: pathlib.Path):
    counted = {}
    for path in sorted(path for folder in ("src", "tests", "bench") for path in (root / folder).rglob("*.[ch]pp")):
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        if SPDX not in text.split("\n", 1)[0]:
            yield f"{name}:1: the first line must be // {SPDX}"
        for number, line in enumerate(text.splitlines(), 1):
            if NOTE.search(line):
                yield f"{name}:{number}: a note without an issue: write TODO(#NUMBER)"
        if not name.startswith("src/"):
            continue
        code = OWNED_NEW.sub("", blank(text))
        for ban, (pattern, elsewhere, instead) in BANS.items():
            if any(fnmatch.fnmatch(name, glob) for glob in elsewhere):
                continue
            lines = [code.count("\n", 0, match.start()) + 1 for match in re.finditer(pattern, code)]
            allowed, _ = ALLOWED.get((name, ban), (0, ""))
            counted[name, ban] = len(lines)
            for number in lines[allowed:]:
                yield f"{name}:{number}: {ban} is banned: {instead}"
    for (name, ban), (allowed, _) in ALLOWED.items():
        if (root / name).exists() and counted.get((name, ban), 0) < allowed:
            yield f"tools/check-banned.py:1: {name} has fewer exceptions for '{ban}' than {allowed}: lower the count"


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    found = list(check(root))
    print("\n".join(found) if found else "check-banned: nothing banned")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
