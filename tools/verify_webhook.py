#!/usr/bin/env python3
"""Verifies a message of Seloste's webhooks (Standard Webhooks 1.0) with the standard library alone.

    WEBHOOK_SECRET=whsec_... verify_webhook.py ID TIMESTAMP SIGNATURES < body

ID, TIMESTAMP and SIGNATURES are the headers webhook-id, webhook-timestamp and webhook-signature. Ends with 0 when one of the
signatures is right and the moment is within five minutes of now.
"""

import base64
import hashlib
import hmac
import os
import sys
import time

TOLERANCE = 5 * 60


def is_genuine(secret, message_id, timestamp, signatures, body, now=None):
    """Whether the body was signed with the secret, and not long ago."""
    now = time.time() if now is None else now
    if not timestamp.isascii() or not timestamp.isdigit() or abs(now - int(timestamp)) > TOLERANCE:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = message_id.encode() + b"." + timestamp.encode() + b"." + body
    right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    shown = [signature.removeprefix("v1,") for signature in signatures.split(" ") if signature.startswith("v1,")]
    return any(hmac.compare_digest(right, signature) for signature in shown)


if __name__ == "__main__":
    genuine = is_genuine(os.environ["WEBHOOK_SECRET"], *sys.argv[1:4], sys.stdin.buffer.read())
    print("genuine" if genuine else "not genuine")
    sys.exit(0 if genuine else 1)
