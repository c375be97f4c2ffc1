"""Asks ``/readyz`` until all is ready and prints when that was (monotonic, seconds). Run as a file, by itself.

The drill's own process carries the sound of all its telephones; what it measured of others would be its own delay.
"""

import http.client
import sys
import time

POLL_S = 0.02
ANSWER_WITHIN_S = 5.0


def ready(host: str, port: int) -> bool:
    try:
        line = http.client.HTTPConnection(host, port, timeout=ANSWER_WITHIN_S)
        line.request("GET", "/readyz")
        found = line.getresponse().status == 200
        line.close()
    except (OSError, http.client.HTTPException):
        return False
    return found


def main(host: str, port: str, within_s: str) -> None:
    print("here", flush=True)
    sys.stdin.readline()  # "now": being loaded must not be measured
    deadline = time.monotonic() + float(within_s)
    while time.monotonic() < deadline:
        if ready(host, int(port)):
            print(time.monotonic(), flush=True)
            return
        time.sleep(POLL_S)


if __name__ == "__main__":
    main(*sys.argv[1:])
