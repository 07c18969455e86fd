"""The public's pages at /verify and /r/{lookup_code}: is this receipt genuine?"""
