"""Whether the gateway in this container takes messages: exit 0 or 1. Reads HOST:PORT, default 127.0.0.1:8443.

It asks over loopback inside the container, so it need not check whose certificate it is shown.
"""

import http.client
import ssl
import sys


def main() -> int:
    """Asks /readyz once."""
    address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8443"
    connection = http.client.HTTPSConnection(address, context=ssl._create_unverified_context(), timeout=5)
    try:
        connection.request("GET", "/readyz")
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, http.client.HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
