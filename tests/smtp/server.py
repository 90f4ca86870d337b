"""A mail server for tests: Debian's aiosmtpd, with a temper.

It listens on a free port of loopback (or the one given), says which on its first line, and writes each letter it took as one line of JSON into the file given. What it does
to a letter is in the address: `greylist-anna@…` is told to come again, once. What happens once happens once for each address.

  greylist-  451 at RCPT, once            never-   550 at RCPT
  busy-      452 after the letter, once   reject-  554 after the letter
  cut-       hangs up at RCPT, once       lost-    takes the letter and hangs up without a word, once
  slow-      takes its time with each     shut-    421 at RCPT, once
"""

import argparse
import asyncio
import email
import json
import ssl

from aiosmtpd.smtp import SMTP, AuthResult

SLOW_SECONDS = 0.5


class Temper:
    def __init__(self, letters):
        self.letters = letters
        self.done = set()

    def is_first(self, address, what):
        if not address.startswith(what) or address in self.done:
            return False
        self.done.add(address)
        return True

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("never-"):
            return f"550 5.1.1 <{address}>: there is nobody called so here"
        if self.is_first(address, "greylist-"):
            return "451 4.7.1 come again later"
        if self.is_first(address, "shut-"):
            return "421 4.3.2 closing"
        if self.is_first(address, "cut-"):
            server.transport.abort()
            return "250 nobody hears this"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 known"

    async def handle_DATA(self, server, session, envelope):
        address = envelope.rcpt_tos[0]
        if address.startswith("slow-"):
            await asyncio.sleep(SLOW_SECONDS)
        if address.startswith("reject-"):
            return f"554 5.7.1 nothing for <{address}>"
        if self.is_first(address, "busy-"):
            return "452 4.3.1 no room"
        taken = {
            "peer": session.peer[1],
            "encrypted": server.transport.get_extra_info("ssl_object") is not None,
            "user": session.auth_data.decode() if session.auth_data else None,
            "name": session.host_name,
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "letter": envelope.original_content.decode("utf-8"),
            "text": email.message_from_bytes(envelope.original_content).get_payload(decode=True).decode("utf-8"),
        }
        self.letters.write(json.dumps(taken) + "\n")
        self.letters.flush()
        if self.is_first(address, "lost-"):
            server.transport.abort()
        return "250 2.0.0 taken"


def allow(login, password):
    def check(server, session, envelope, mechanism, data):
        fits = data.login.decode() == login and data.password.decode() == password
        return AuthResult(success=fits, handled=fits, auth_data=data.login if fits else None)

    return check


async def serve():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("letters")
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--login")
    arguments.add_argument("--password")
    arguments.add_argument("--certificate")
    arguments.add_argument("--key")
    arguments.add_argument("--from-the-first-byte", action="store_true")
    given = arguments.parse_args()
    context = None
    if given.certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(given.certificate, given.key)
    at_once = context if given.from_the_first_byte else None
    later = None if given.from_the_first_byte else context
    temper = Temper(open(given.letters, "a", encoding="utf-8"))

    def conversation():
        return SMTP(
            temper,
            hostname="mail.test",
            tls_context=later,
            require_starttls=later is not None,
            authenticator=allow(given.login, given.password) if given.login else None,
            auth_required=given.login is not None,
            auth_require_tls=context is not None and at_once is None,
        )

    server = await asyncio.get_running_loop().create_server(conversation, "127.0.0.1", given.port, ssl=at_once)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(serve())
