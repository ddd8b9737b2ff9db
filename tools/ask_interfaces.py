#!/usr/bin/env python3
"""Asks the interfaces of a demo register in every way that their own descriptions allow, and in some that they do not.

    ask_interfaces.py PROGRAM

No answer may be an error of the server or stand outside the description. Bounded examples, a fixed seed. The last line tells
how many operations passed, failed and were skipped.
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

EXAMPLES, SEED = 12, 4711
BASES = {"staff": "/api/v1", "partner": "/partner/v1", "cookies": "/cookies/v1"}
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


class Demo:
    """A demo register that is served, and its accounts."""

    def __init__(self, program, folder):
        command = [program, "--data", os.path.join(folder, "demo"), "--lang", "en", "demo", "--listen", "127.0.0.1:0",
                   "--partner-listen", "127.0.0.1:0", "--api-rate", "100000"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        # A demo that never says where it is ends the test instead of holding it.
        patience = threading.Timer(300, self.process.kill)
        patience.start()
        said = ""
        for line in self.process.stdout:
            said += line
            if len(re.findall(r"http://127\.0\.0\.1:\d+", said)) > 1 and "portal of the customers" in said:
                break
        patience.cancel()
        bases = re.findall(r"http://127\.0\.0\.1:\d+", said)
        self.partners = next(base for base in bases if base + "/partner" in said)
        self.pages = next(base for base in bases if base != self.partners)
        self.portal = re.search(r"portal of the customers is at (\S+)", said).group(1)
        self.partner_token = re.search(r"seloste_partner_[\w-]{43}", said).group()
        self.passwords = dict(re.findall(r"^\s+(\w+)\s+(\w{4}-\w{4}-\w{4}-\w{4})", said, re.M))
        self.cookies = urllib.request.HTTPCookieProcessor()
        self.opener = urllib.request.build_opener(self.cookies)

    def post(self, path, **fields):
        """Sends a form; the page that is answered."""
        body = urllib.parse.urlencode(fields, doseq=True).encode()
        with self.opener.open(self.pages + path, body) as answer:
            return answer.geturl(), answer.read().decode()

    def sign_in(self, login):
        """Signs in."""
        self.cookies.cookiejar.clear()
        self.post("/sign-in", login=login, password=self.passwords[login])

    def token(self, path):
        """Makes a token on a page."""
        _, page = self.post(path, name="schemathesis", days="1", networks="127.0.0.0/8")
        return re.search(r"seloste_(?:staff|partner)_[\w-]{43}", page).group()

    def stop(self):
        """Stops the program."""
        self.process.terminate()
        self.process.wait(20)


def fetch(address, token, file):
    """Keeps what is at an address in a file."""
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request) as answer, open(file, "wb") as kept:
        kept.write(answer.read())
    return file


def run(address, token, base, name, folder):
    """Runs schemathesis against one interface; passed and failed operations."""
    report = os.path.join(folder, name + ".xml")
    header = f"Authorization: Bearer {token}" if token else "Origin: https://www.example.com"
    command = [sys.executable, "-m", "schemathesis.cli", "run", address, "--url", base, "--header",
               header, "--checks", CHECKS, "--max-examples", str(EXAMPLES), "--seed", str(SEED),
               "--phases", "examples,coverage,fuzzing", "--workers", "1", "--report", "junit", "--report-junit-path", report,
               "--no-color", "--generation-database", "none", "--request-timeout", "20"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    text = open(report, encoding="utf-8").read() if os.path.exists(report) else ""
    tests = sum(int(count) for count in re.findall(r'<testsuite [^>]*\btests="(\d+)"', text))
    failed = len(re.findall(r"<testcase[^>]*>\s*<(?:failure|error)", text))
    if done.returncode != 0 or tests == 0:
        print(done.stdout[-12000:], done.stderr[-2000:])
        failed = max(failed, 1)
    return max(tests - failed, 0), failed


def main():
    """Serves a demo and asks it."""
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        demo = Demo(sys.argv[1], folder)
        try:
            began = time.monotonic()
            demo.sign_in("aino")
            token = demo.token("/account/tokens")
            for name, description, base, key in [
                ("staff", "/api/v1/openapi.json", demo.pages, token),
                ("partner", "/openapi.json", demo.partners, demo.partner_token),
                ("cookies", "/cookies/openapi.json", demo.portal, None),
            ]:
                file = fetch(base + description, key, os.path.join(folder, name + ".json"))
                ok, bad = run(file, key, base + BASES[name], name, folder)
                passed, failed = passed + ok, failed + bad
            print(f"schemathesis: {time.monotonic() - began:.0f} s")
        finally:
            demo.stop()
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
