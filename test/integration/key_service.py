"""Keys that only this process holds, by OpenSSL: Modelkeep's exec protocol (`exec FOLDER`), or the part of Vault's transit engine that is used (`transit FOLDER`).

FOLDER has signer.pem (P-256) and sealer.pem (RSA). Written from the protocols' documents, with nothing of Modelkeep's code."""

import base64
import http.server
import json
import subprocess
import sys

mode, folder = sys.argv[1], sys.argv[2]


def openssl(*words, data=b""):
    return subprocess.run(["openssl", *words], input=data, capture_output=True, check=True).stdout


def public():
    return openssl("pkey", "-in", f"{folder}/signer.pem", "-pubout").decode()


def sign(digest):
    return openssl("pkeyutl", "-sign", "-inkey", f"{folder}/signer.pem", data=digest)


def crypt(what, data):
    return openssl("pkeyutl", what, "-inkey", f"{folder}/sealer.pem", "-pkeyopt", "rsa_padding_mode:oaep", data=data)


def decode(text):
    return base64.b64decode(text, validate=True)


def encode(data):
    return base64.b64encode(data).decode()


def execute():
    request = json.load(sys.stdin)
    assert request["protocol"] == "modelkeep.dev/key/v1", request
    if request["key"] != "key-1":
        sys.exit(f"no key {request['key']}")
    operation = request["operation"]
    if operation == "public-key":
        answer = {"publicKey": public()}
    elif operation == "sign":
        assert request["algorithm"] == "ecdsa-p256-sha256", request
        answer = {"signature": encode(sign(decode(request["digest"])))}
    else:
        answer = {"data": encode(crypt({"wrap": "-encrypt", "unwrap": "-decrypt"}[operation], decode(request["data"])))}
    json.dump(answer, sys.stdout)


class Transit(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.headers["x-vault-token"] != "the-token":
            return self.answer(403, {"errors": ["permission denied"]})
        if self.path == "/v1/transit/keys/key-1":
            return self.answer(200, {"data": {"type": "ecdsa-p256", "latest_version": 2, "keys": {"2": {"public_key": public()}}}})
        return self.answer(404, {"errors": []})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.headers["x-vault-token"] != "the-token":
            return self.answer(403, {"errors": ["permission denied"]})
        if self.path == "/v1/transit/sign/key-1":
            assert body["prehashed"] is True and body["marshaling_algorithm"] == "asn1" and body["key_version"] == 2, body
            return self.answer(200, {"data": {"signature": "vault:v2:" + encode(sign(decode(body["input"])))}})
        if self.path == "/v1/transit/encrypt/key-1":
            return self.answer(200, {"data": {"ciphertext": "vault:v2:" + encode(crypt("-encrypt", decode(body["plaintext"])))}})
        if self.path == "/v1/transit/decrypt/key-1":
            return self.answer(200, {"data": {"plaintext": encode(crypt("-decrypt", decode(body["ciphertext"].split(":")[2])))}})
        return self.answer(404, {"errors": []})


if mode == "exec":
    execute()
else:
    server = http.server.HTTPServer(("127.0.0.1", 0), Transit)
    print(server.server_port, flush=True)
    server.serve_forever()
