"""Verifies tokens over gRPC, knowing nothing of Mintmark but proto/: an outside client in another language.

Needs Debian's python3-grpcio. The contract is compiled when it runs, by the buf of this repository: the
protoc in Debian 12's python3-grpc-tools predates `optional` in proto3.

MINTMARK_VERIFIER_URL    http://HOST:PORT
MINTMARK_SERVICE_KEY     sent as `authorization: Bearer ...`; unset or empty: nothing is sent
standard input           a VerifyTokenRequest a line, in proto3 JSON, e.g. {"token": "mm_live_..."}

Tokens and keys come in no argument: arguments can be read by everybody on the machine. Prints one JSON object:
what health says, the answer to each request asked alone, and the answer to all of them asked at once.
"""

import json
import os
import subprocess
import sys
import urllib.parse
from pathlib import Path

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

REPOSITORY = Path(__file__).resolve().parents[2]
SERVICE = "mintmark.v1.TokenVerifierService"
DEADLINE_SECONDS = 10
HEALTH = {0: "UNKNOWN", 1: "SERVING", 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}


class Contract:
    """The messages and methods that the .proto files describe."""

    def __init__(self, directory: Path):
        compiler = REPOSITORY / "node_modules" / ".bin" / "buf"
        compiled = subprocess.run([compiler, "build", directory, "-o", "-"], check=True, stdout=subprocess.PIPE).stdout
        self.pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(compiled).file:
            self.pool.AddSerializedFile(file.SerializeToString())

    def message(self, descriptor):
        if hasattr(message_factory, "GetMessageClass"):
            return message_factory.GetMessageClass(descriptor)
        return message_factory.MessageFactory(self.pool).GetPrototype(descriptor)

    def method(self, channel: grpc.Channel, name: str):
        """Returns a function from the JSON form of the method's request to that of its response."""
        descriptor = self.pool.FindServiceByName(SERVICE).FindMethodByName(name)
        request, response = self.message(descriptor.input_type), self.message(descriptor.output_type)
        call = channel.unary_unary(
            f"/{SERVICE}/{name}",
            request_serializer=request.SerializeToString,
            response_deserializer=response.FromString,
        )
        return lambda fields: answer_of(call, json_format.ParseDict(fields, request()))


def answer_of(call, request) -> dict:
    """The response, or the gRPC status that came instead of one."""
    try:
        response = call(request, timeout=DEADLINE_SECONDS, metadata=credentials())
    except grpc.RpcError as error:
        return {"error": {"code": error.code().name, "details": error.details()}}
    return {"response": json_format.MessageToDict(response)}


def credentials() -> list:
    service_key = os.environ.get("MINTMARK_SERVICE_KEY", "")
    return [("authorization", f"Bearer {service_key}")] if service_key else []


def health(channel: grpc.Channel) -> str:
    """grpc.health.v1, whose request is empty here and whose answer is one enum in field 1."""
    check = channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        request_serializer=lambda request: request,
        response_deserializer=lambda response: response,
    )
    answer = check(b"", timeout=DEADLINE_SECONDS)
    return HEALTH[answer[1] if answer else 0]


def main() -> None:
    requests = [json.loads(line) for line in sys.stdin]
    contract = Contract(REPOSITORY / "proto")
    address = urllib.parse.urlsplit(os.environ["MINTMARK_VERIFIER_URL"]).netloc
    with grpc.insecure_channel(address) as channel:
        verify_token = contract.method(channel, "VerifyToken")
        verify_tokens = contract.method(channel, "VerifyTokens")
        found = {
            "health": health(channel),
            "verifyToken": [verify_token(request) for request in requests],
            "verifyTokens": verify_tokens({"requests": requests}),
        }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
