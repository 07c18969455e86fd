"""Every figure that a document quotes can be measured again from here: ``make bench``."""
