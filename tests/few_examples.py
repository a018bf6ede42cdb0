"""A plug-in for pytest with which Hypothesis tries few examples, the same in each run, on a machine in Samoa.

For whoever asks which code tests reach, or whether they notice a mutant. The suite itself tries many, each time others.
"""

import os
import time

import hypothesis

# Nobody's zone in these tests: a rule that asks what time it is on the machine gives another answer.
os.environ["TZ"] = "Pacific/Apia"
time.tzset()

hypothesis.settings.register_profile(
    "few",
    deadline=None,
    max_examples=10,
    derandomize=True,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.load_profile("few")
