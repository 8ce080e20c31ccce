"""Keys for tests alone; they seal nothing that matters."""

KEYS = {
    "FF_SECRET_KEY": "a-secret-key-that-only-tests-use-and-is-long-enough",
    "FF_SEAL_KEYS": "dGVzdHMgc2VhbCB3aXRoIHRoaXMga2V5LCBhbG9uZSE=",
    "FF_HASH_KEY": "a-hash-key-that-only-tests-use",
}
