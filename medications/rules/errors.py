"""The error of the rules of medications."""


class RuleError(ValueError):
    """An impossible value in a rule or in what it is given.

    `field` is the key that is wrong. `message` is a fixed English sentence that names it, with `%(name)s`
    places for `params` (`field` is always one), so that a caller can translate the sentence and fill it in
    afterwards.
    """

    def __init__(self, field: str, message: str, **params: object) -> None:
        self.field = field
        self.message = message
        self.params = {"field": field, **params}
        super().__init__(message % self.params)
