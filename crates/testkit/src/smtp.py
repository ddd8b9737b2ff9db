"""A mail server for tests: aiosmtpd on a free port of this machine. It behaves as the last line of its standard input
says, tells of each message as a line of JSON, decoded by Python's own e-mail library, and ends with its input."""

import argparse
import asyncio
import email
import email.policy
import hashlib
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

MODES = {"accept", "rcpt-450", "rcpt-550", "mail-550", "data-554", "hang", "cut", "cut-after-data"}


def tell(**event):
    print(json.dumps(event), flush=True)


class Peer:
    def __init__(self):
        self.mode = "accept"

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.mode == "mail-550":
            return "550 5.7.1 sender refused"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        tell(event="rcpt", to=address)
        if self.mode == "rcpt-450":
            return f"450 4.2.1 <{address}>: try again later"
        if self.mode == "rcpt-550":
            return f"550 5.1.1 <{address}>: no such user"
        if self.mode == "hang":
            await asyncio.sleep(3600)
        if self.mode == "cut":
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        body = parsed.get_body(("plain",))
        tell(
            event="message",
            sender=envelope.mail_from,
            to=envelope.rcpt_tos,
            tls=session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None,
            login=session.auth_data.login.decode() if session.authenticated else None,
            headers=parsed.keys(),
            subject=parsed["Subject"],
            recipient=parsed["To"],
            author=parsed["From"],
            reply_to=parsed["Reply-To"],
            id=parsed["Message-ID"],
            date=parsed["Date"],
            auto=parsed["Auto-Submitted"],
            body=body.get_content() if body else None,
            enclosed=[
                [part.get_filename(), part.get_content_type(), hashlib.sha256(part.get_content()).hexdigest()]
                for part in parsed.iter_attachments()
            ],
            sha256=hashlib.sha256(envelope.content).hexdigest(),
        )
        if self.mode == "data-554":
            return "554 5.6.0 message refused"
        if self.mode == "cut-after-data":
            server.transport.abort()
        return "250 OK"


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tls", choices=["none", "starttls", "implicit"], default="none")
    parser.add_argument("--pem")
    parser.add_argument("--login")
    parser.add_argument("--no-utf8", action="store_true")
    options = parser.parse_args()
    context = None
    if options.pem:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.pem)
    peer = Peer()

    def sign_in(server, session, envelope, mechanism, data):
        login = f"{data.login.decode()}:{data.password.decode()}"
        if login != options.login:
            return AuthResult(success=False, handled=False)
        return AuthResult(success=True, auth_data=data)

    def protocol():
        return SMTP(
            peer,
            hostname="peer.example",
            enable_SMTPUTF8=not options.no_utf8,
            tls_context=context if options.tls == "starttls" else None,
            require_starttls=options.tls == "starttls",
            auth_required=options.login is not None,
            auth_require_tls=options.tls == "starttls",
            authenticator=sign_in,
        )

    loop = asyncio.get_running_loop()
    secure = context if options.tls == "implicit" else None
    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=secure)
    tell(event="listening", port=server.sockets[0].getsockname()[1])
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        if line.strip() in MODES:
            peer.mode = line.strip()
            tell(event="mode", mode=peer.mode)


# The tests break connections on purpose: what asyncio says of it is of no interest.
logging.disable()
warnings.simplefilter("ignore")
asyncio.run(main())
