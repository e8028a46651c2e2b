"""The nouns everyone shares: samples, events, exercises, sessions, errors. numpy only."""
