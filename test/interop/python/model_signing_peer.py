"""model-signing as a peer: one JSON array of arguments a line, one JSON object back: its exit code and what it printed.

`shards MODEL SIGNATURE KEY HASH SIZE` signs in ways that the command line does not offer (size 0: whole files)."""
import json
import sys

from click.testing import CliRunner
import model_signing
from model_signing._cli import main


def shards(model, signature, key, algorithm, size):
    hashing = model_signing.hashing.Config()
    if size == "0":
        hashing.use_file_serialization(hashing_algorithm=algorithm)
    else:
        hashing.use_shard_serialization(hashing_algorithm=algorithm, shard_size=int(size))
    hashing.set_ignored_paths(paths=["model.sig"])
    model_signing.signing.Config().use_elliptic_key_signer(private_key=key).set_hashing_config(hashing).sign(model, signature)


for line in sys.stdin:
    args = json.loads(line)
    if args[0] == "shards":
        shards(*args[1:])
        answer = {"code": 0, "output": ""}
    else:
        result = CliRunner().invoke(main, args)
        answer = {"code": result.exit_code, "output": result.output}
    print(json.dumps(answer), flush=True)
