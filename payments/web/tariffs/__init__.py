"""The public tariff at /tariffs: search, what a procedure costs and why, a calculator, and an office's board."""
