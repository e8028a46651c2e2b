"""The dashboard and the review window: the only room that imports Qt."""
