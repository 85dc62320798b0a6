"""The enrolment's rows: vma_pairing_codes, vma_enrollments, vma_active_connections, vma_connection_audit."""

import contextlib
import json
import os
import secrets
import uuid

import pymysql

CODE_MINUTES = 10
APPROVAL_MINUTES = 60
SETTINGS = {
    "host": "127.0.0.1",
    "user": os.environ.get("OMA_DB_USER", "oma_user"),
    "database": os.environ.get("OMA_DB_NAME", "migratekit_oma"),
    "connect_timeout": 5,
    "read_timeout": 10,
    "cursorclass": pymysql.cursors.DictCursor,
}


@contextlib.contextmanager
def transaction():
    """All of it or nothing."""
    connection = pymysql.connect(**SETTINGS, password=os.environ.get("OMA_DB_PASSWORD", ""))
    try:
        with connection.cursor() as cursor:
            yield cursor
        connection.commit()
    finally:
        connection.close()


def rows(cursor, query, *values):
    cursor.execute(query, values)
    return cursor.fetchall()


def row(cursor, query, *values):
    found = rows(cursor, query, *values)
    return found[0] if found else None


def audit(cursor, event, enrolment, *, address=None, agent=None, by=None, **details):
    cursor.execute(
        "INSERT INTO vma_connection_audit (enrollment_id, event_type, vma_fingerprint, source_ip, user_agent, approved_by,"
        " event_details) VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (enrolment["id"], event, enrolment["vma_fingerprint"], address, agent, by, json.dumps(details)),
    )


def add_code(cursor, code, by):
    cursor.execute(
        "INSERT INTO vma_pairing_codes (pairing_code, generated_by, expires_at)"
        " VALUES (%s, %s, NOW() + INTERVAL %s MINUTE)",
        (code, by, CODE_MINUTES),
    )


def codes(cursor):
    """Those of the last day, the good ones first. `state` is open, used or expired."""
    return rows(
        cursor,
        "SELECT pairing_code AS code, IF(used_at IS NOT NULL, 'used', IF(expires_at > NOW(), 'open', 'expired')) AS state"
        " FROM vma_pairing_codes WHERE created_at > NOW() - INTERVAL 1 DAY ORDER BY state = 'open' DESC, created_at DESC"
        " LIMIT 200",
    )


def begin(cursor, code, key, fingerprint, name, version, address):
    """Uses the code up. The enrolment's row; None when somebody else was faster."""
    enrolment = str(uuid.uuid4())
    taken = cursor.execute(
        "UPDATE vma_pairing_codes SET used_at = NOW() WHERE pairing_code = %s AND used_at IS NULL AND expires_at > NOW()",
        (code,),
    )
    if taken != 1:
        return None
    cursor.execute(
        "INSERT INTO vma_enrollments (id, pairing_code, vma_public_key, vma_name, vma_version, vma_fingerprint,"
        " vma_ip_address, challenge_nonce, expires_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, NOW() + INTERVAL %s MINUTE)",
        (enrolment, code, key, name, version, fingerprint, address, secrets.token_hex(32), CODE_MINUTES),
    )
    cursor.execute("UPDATE vma_pairing_codes SET used_by_enrollment_id = %s WHERE pairing_code = %s", (enrolment, code))
    return by_id(cursor, enrolment)


def by_id(cursor, enrolment):
    expire(cursor)
    return row(cursor, "SELECT * FROM vma_enrollments WHERE id = %s", enrolment)


def listed(cursor, *states):
    expire(cursor)
    marks = ", ".join(["%s"] * len(states))
    return rows(cursor, f"SELECT * FROM vma_enrollments WHERE status IN ({marks}) ORDER BY created_at", *states)


def expire(cursor):
    cursor.execute(
        "UPDATE vma_enrollments SET status = 'expired'"
        " WHERE status IN ('pending_verification', 'awaiting_approval') AND expires_at <= NOW()"
    )


def verified(cursor, enrolment):
    cursor.execute(
        "UPDATE vma_enrollments SET status = 'awaiting_approval', expires_at = NOW() + INTERVAL %s MINUTE"
        " WHERE id = %s AND status = 'pending_verification'",
        (APPROVAL_MINUTES, enrolment["id"]),
    )


def decided(cursor, enrolment, status, by):
    """Whether it was still to be decided."""
    return 1 == cursor.execute(
        "UPDATE vma_enrollments SET status = %s, approved_by = %s, approved_at = NOW()"
        " WHERE id = %s AND status = 'awaiting_approval' AND expires_at > NOW()",
        (status, by, enrolment["id"]),
    )


def connection(cursor, enrolment, status, by=None):
    cursor.execute(
        "INSERT INTO vma_active_connections (enrollment_id, vma_name, vma_fingerprint, connection_status, last_seen_at)"
        " VALUES (%s, %s, %s, %s, NOW()) ON DUPLICATE KEY UPDATE connection_status = VALUES(connection_status),"
        " last_seen_at = NOW(), connected_at = IF(VALUES(connection_status) = 'connected', NOW(), connected_at)",
        (enrolment["id"], enrolment["vma_name"], enrolment["vma_fingerprint"], status),
    )
    if status == "revoked":
        cursor.execute(
            "UPDATE vma_active_connections SET revoked_at = NOW(), revoked_by = %s WHERE enrollment_id = %s",
            (by, enrolment["id"]),
        )


def by_fingerprint(cursor, fingerprint):
    return row(
        cursor,
        "SELECT * FROM vma_enrollments WHERE vma_fingerprint = %s AND status = 'approved' ORDER BY approved_at DESC LIMIT 1",
        fingerprint,
    )


def connections(cursor):
    return rows(
        cursor,
        "SELECT enrollments.id, enrollments.vma_name, enrollments.vma_fingerprint, enrollments.vma_ip_address,"
        " COALESCE(connection_status, 'disconnected') AS connection_status, last_seen_at"
        " FROM vma_enrollments AS enrollments LEFT JOIN vma_active_connections ON enrollment_id = enrollments.id"
        " WHERE status = 'approved' ORDER BY approved_at",
    )


def history(cursor, count):
    return rows(
        cursor,
        "SELECT audit.created_at, event_type, vma_name, audit.vma_fingerprint, source_ip, audit.approved_by, event_details"
        " FROM vma_connection_audit AS audit LEFT JOIN vma_enrollments AS enrollments ON enrollments.id = enrollment_id"
        " ORDER BY audit.id DESC LIMIT %s",
        count,
    )
