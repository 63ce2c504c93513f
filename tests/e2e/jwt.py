"""JSON Web Tokens signed with RS256 (RFC 7515, 7518), and the key sets by which others verify them (RFC 7517)."""

import base64
import json
import uuid

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


class Refused(Exception):
    """What is wrong with a token: `reason` for whoever decides, and a sentence for a person."""

    def __init__(self, reason, sentence):
        super().__init__(sentence)
        self.reason = reason


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(value):
    return encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class Key:
    """A private key and its name."""

    def __init__(self):
        self.name = uuid.uuid4().hex
        self._private = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def sign(self, claims):
        header = {"alg": "RS256", "kid": self.name, "typ": "JWT"}
        text = ".".join(encode(json.dumps(part).encode()) for part in (header, claims))
        return f"{text}.{encode(self._private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    @property
    def public(self):
        numbers = self._private.public_key().public_numbers()
        return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.name, "n": number(numbers.n), "e": number(numbers.e)}


def parse(token):
    """Header, claims, signature and what was signed."""
    try:
        head, body, signature = token.split(".")
        return json.loads(decode(head)), json.loads(decode(body)), decode(signature), f"{head}.{body}".encode()
    except (ValueError, TypeError) as error:
        raise Refused("malformed", "the token is no JSON Web Token") from error


def verify(token, keys, now):
    """The claims, once the signature is one of `keys` (a JWKS) and the time is right."""
    header, claims, signature, signed = parse(token)
    if header.get("alg") != "RS256":
        raise Refused("signature", f"the algorithm {header.get('alg')} is not accepted")
    key = next((key for key in keys["keys"] if key["kid"] == header.get("kid")), None)
    if key is None:
        raise Refused("signature", "the token is signed with a key that its issuer does not publish")
    parts = [int.from_bytes(decode(key[name]), "big") for name in ("e", "n")]
    try:
        rsa.RSAPublicNumbers(*parts).public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise Refused("signature", "the signature does not match") from error
    if not claims["nbf"] <= now < claims["exp"]:
        raise Refused("expired", f"the token was valid from {claims['nbf']} to {claims['exp']}, and it is {now}")
    return claims
