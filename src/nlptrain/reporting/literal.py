"""Text of the user's, made safe to show: a label may hold control characters or markup."""


def literal(text: str) -> str:
    r"""Show what a terminal would obey or hide as an escape: `\x1b`, `\n`, `\u202e`."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
