"""The v1 messages as Python classes. Made by tools/generate_wire.py. Do not edit: change the .proto file and run `make proto`."""
