"""Other people's tests and programs against ours."""
