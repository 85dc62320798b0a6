#!/usr/bin/env bash
# Prints the appliance's own database access as one JSON object: host, port, database, user, password.
# Stands alone: it is sent to the appliance over SSH, where no copy of the project is.
set -euo pipefail

python3 - <<'PYTHON'
import json
import sys

try:
    with open("/etc/ossea/database.env", encoding="utf-8") as lines:
        values = dict(line.rstrip("\n").split("=", 1) for line in lines if "=" in line)
    access = {
        "host": values["DATABASE_HOST"],
        "port": int(values["DATABASE_PORT"]),
        "database": values["DATABASE_NAME"],
        "user": values["DATABASE_USER"],
        "password": values["DATABASE_PASSWORD"],
    }
except (OSError, KeyError, ValueError) as error:
    sys.exit(f"read-database-access: /etc/ossea/database.env cannot be used: {type(error).__name__}: {error}; "
             "see journalctl -u ossea-first-boot.service")
print(json.dumps(access))
PYTHON
