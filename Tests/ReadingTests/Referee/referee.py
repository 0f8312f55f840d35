"""What Python's email package reads in messages: one line of JSON for each file named."""
import email
import email.policy
import json
import sys


def guarded(read):
    """What `read` returns, or None where the package raises on the message."""
    try:
        return read()
    except Exception:
        return None


def text_of(value):
    """The same with U+FFFD for bytes that the package kept as they were."""
    if isinstance(value, str):
        return value.encode('utf-8', 'surrogateescape').decode('utf-8', 'replace')
    if isinstance(value, list):
        return [text_of(v) for v in value]
    return value


def mailboxes(message, name):
    return [f'{a.display_name} <{a.addr_spec}>' if a.display_name else a.addr_spec
            for field in message.get_all(name, []) for a in field.addresses]


def parts(message):
    """The leaves, without those of attached messages."""
    if message.get_content_maintype() == 'message':
        return [message]
    if message.is_multipart():
        return [leaf for part in message.iter_parts() for leaf in parts(part)]
    return [message]


def content(part):
    text = part.get_content()
    return text if isinstance(text, str) else ''


def read(path):
    with open(path, 'rb') as file:
        message = email.message_from_binary_file(file, policy=email.policy.default)
    leaves = guarded(lambda: parts(message)) or []
    texts = [p for p in leaves if p.get_content_type() == 'text/plain' and not p.is_attachment() and not p.get_filename()]
    named = [p for p in leaves if guarded(p.get_filename)]
    return {
        'file': path,
        'subject': guarded(lambda: ', '.join(str(v) for v in message.get_all('Subject', []))),
        'from': guarded(lambda: mailboxes(message, 'From')),
        'to': guarded(lambda: mailboxes(message, 'To')),
        'text': guarded(lambda: '\n'.join(content(p) for p in texts)) if texts else None,
        'attachments': [[p.get_filename(), guarded(lambda p=p: len(p.get_payload(decode=True)))] for p in named],
    }


for path in sys.argv[1:]:
    print(json.dumps({fact: text_of(value) for fact, value in read(path).items()}))
