"""``python -m chatwarden``."""

import sys

from chatwarden.cli.main import main

sys.exit(main())
