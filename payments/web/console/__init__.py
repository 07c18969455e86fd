"""The console at /console: where finance officers and auditors look at payments."""
