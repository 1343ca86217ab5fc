"""One-time codes of RFC 6238, as an authenticator on a phone shows them."""
import base64
import hashlib
import hmac
import struct
import time
import urllib.parse

from real_programs import wait_for


class Authenticator:
    def __init__(self, uri):
        secret = urllib.parse.parse_qs(urllib.parse.urlparse(uri).query)["secret"][0]
        self.secret = base64.b32decode(secret + "=" * (-len(secret) % 8))
        self.used = 0

    def code(self):
        """The next code that was not used: a store takes none twice, and takes one that is a step early."""
        wait_for("a code that was not used", lambda: int(time.time()) // 30 + 1 > self.used, 60)
        step = max(int(time.time()) // 30, self.used + 1)
        self.used = step
        mac = hmac.new(self.secret, struct.pack(">Q", step), hashlib.sha1).digest()
        offset = mac[-1] & 15
        return f"{(struct.unpack('>I', mac[offset:offset + 4])[0] & 0x7fffffff) % 1000000:06d}"
