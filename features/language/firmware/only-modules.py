module("frozen_code.py", base_path="parts")
