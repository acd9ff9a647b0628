"""Mails as servers write them."""


def dsn(action: str = "failed", status: str = "5.1.1", said: str = "550 5.1.1 User unknown") -> str:
    """Return a delivery report (RFC 3464) on the sending `o1.0`."""
    return f"""From: MAILER-DAEMON@mx.example
To: atencion@sonora.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <d1@mx.example>
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I am sorry.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; maria@correo.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--B
Content-Type: message/rfc822

From: atencion@sonora.example
To: maria@correo.example
Message-ID: <o1.0@sonora.example>
Subject: Re: Bache

Hola
--B--
"""
