"""The review window: recorded sessions found, scrubbed, corrected, compared and judged anew."""
