"""The citizen's pages at /pay/{token}: what is owed, how to pay it, what became of it, and the receipt."""
