"""Is what an answer claims supported by what it cites: by rules (`verifying`), and by a model (`judging`)."""
