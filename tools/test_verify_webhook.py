"""Tests of the verifier of webhooks, by the example of the specification's own libraries."""

import unittest

from verify_webhook import is_genuine

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT = "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330"
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
BODY = b'{"test": 2432232314}'


class VerifyWebhook(unittest.TestCase):
    def check(self, secret=SECRET, message_id=ID, at=AT, signatures=SIGNATURE, body=BODY, now=1614265400):
        return is_genuine(secret, message_id, at, signatures, body, now)

    def test_a_genuine_message(self):
        self.assertTrue(self.check())
        self.assertTrue(self.check(signatures="v1,AAAA " + SIGNATURE + " v2,x"))

    def test_anything_changed(self):
        self.assertFalse(self.check(body=BODY + b" "))
        self.assertFalse(self.check(message_id="msg_other"))
        self.assertFalse(self.check(at="1614265331"))
        self.assertFalse(self.check(signatures=SIGNATURE.replace("v1,g", "v1,h")))
        self.assertFalse(self.check(signatures="v2," + SIGNATURE[3:]))
        self.assertFalse(self.check(secret="whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))

    def test_a_replayed_message(self):
        self.assertFalse(self.check(now=1614265330 + 301))
        self.assertFalse(self.check(at="soon"))


if __name__ == "__main__":
    unittest.main()
