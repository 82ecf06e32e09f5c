"""What can go wrong with a folder of published weights."""


class PretrainedError(ValueError):
    """A folder cannot be read into a model, or a model not written."""
