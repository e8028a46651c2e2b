"""A virtual lifter wearing a virtual sensor that speaks the open profile."""
