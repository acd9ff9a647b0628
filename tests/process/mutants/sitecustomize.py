"""Plants a bug in a real server process when a test asks for one: this folder is on PYTHONPATH in such tests only."""

import os

_NAME = os.environ.get("CONTACT_CENTER_TEST_MUTANT")
if _NAME:
    from tests.support import mutants_messaging, mutants_promises
    from tests.support.mutants import plant

    assert mutants_messaging.ADDED and mutants_promises.ADDED
    _planted = plant(_NAME)
    _planted.__enter__()
