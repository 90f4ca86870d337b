"""A site in another language: checks assertions with PyJWT and the keys that Candor shows.

One JSON object on stdin: {"keys": URL, "issuer": ORIGIN, "audience": ORIGIN, "tokens": [...]}. One JSON list on stdout: for each token its
claims, or the name of the error it was refused with.
"""

import json
import sys

import jwt


def main():
    asked = json.load(sys.stdin)
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
