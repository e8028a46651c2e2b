"""Stands for Bluetooth hardware: a BlueZ of our own, and a real kernel in a virtual machine."""
