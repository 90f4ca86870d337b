"""A site in another language: checks assertions with PyJWT and the keys that Candor shows.

One JSON object on stdin: {"keys": URL, "issuer": ORIGIN, "audience": ORIGIN, "tokens": [...]}, and perhaps "ahead": how many seconds this
site's clock is ahead of everybody else's. One JSON list on stdout: for each token its claims, or the name of the error it was refused with.
"""

import datetime
import json
import sys

import jwt


def set_clock_ahead(seconds):
    class Ahead(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.datetime.now(tz) + datetime.timedelta(seconds=seconds)

    # What the library takes the time from.
    jwt.api_jwt.datetime = Ahead


def main():
    asked = json.load(sys.stdin)
    set_clock_ahead(asked.get("ahead", 0))
    client = jwt.PyJWKClient(asked["keys"])

    def checked(token):
        try:
            key = client.get_signing_key_from_jwt(token).key
            required = ["iss", "aud", "sub", "iat", "exp", "jti"]
            return jwt.decode(
                token,
                key,
                algorithms=["EdDSA"],
                audience=asked["audience"],
                issuer=asked["issuer"],
                options={"require": required},
            )
        except jwt.exceptions.PyJWTError as error:
            return type(error).__name__

    json.dump([checked(token) for token in asked["tokens"]], sys.stdout)


main()
