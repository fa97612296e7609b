#!/usr/bin/env python3
"""A small collector of OpenTelemetry traces: takes what `myna serve --otlp` sends, reads it by the protocol's own definition, and
writes a line for each span.

    .native/clients/opentelemetry/bin/python Tools/clients/collector.py --port 4318

It ends with 1 at the first body that the definition does not know. Needs the packages of Tools/clients/opentelemetry.txt.
"""
import argparse
import base64
import http.server
import json
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def read(body):
    """The spans of a body. Identifiers are hexadecimal in OTLP's JSON, where the general rule of protobuf asks for base64."""
    tree = json.loads(body)
    for resource in tree["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                for name, length in (("traceId", 16), ("spanId", 8), ("parentSpanId", 8)):
                    if name in span:
                        raw = bytes.fromhex(span[name])
                        if len(raw) != length or not any(raw):
                            raise ValueError(f"{name} {span[name]}")
                        span[name] = base64.b64encode(raw).decode()
    return json_format.ParseDict(tree, ExportTraceServiceRequest())


def line(span, service):
    return json.dumps({
        "service": service, "trace": span.trace_id.hex(), "id": span.span_id.hex(), "parent": span.parent_span_id.hex(),
        "name": span.name, "kind": span.kind, "ms": (span.end_time_unix_nano - span.start_time_unix_nano) / 1e6,
        "start": span.start_time_unix_nano, "error": span.status.code == 2,
        "attributes": {a.key: getattr(a.value, a.value.WhichOneof("value")) if a.value.WhichOneof("value") != "array_value" else
                       [v.string_value for v in a.value.array_value.values] for a in span.attributes},
    })


class Collector(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            if self.path != "/v1/traces" or self.headers["Content-Type"] != "application/json":
                raise ValueError(f"{self.path} {self.headers['Content-Type']}")
            for resource in read(body).resource_spans:
                service = next(a.value.string_value for a in resource.resource.attributes if a.key == "service.name")
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        print(line(span, service), flush=True)
        except Exception as error:  # whatever it is, the body was not as the protocol has it
            print(f"collector: {type(error).__name__}: {error}: {body[:2000]!r}", file=sys.stderr, flush=True)
            self.server.fault = True
        self.send_response(400 if self.server.fault else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=4318)
    server = http.server.HTTPServer(("127.0.0.1", parser.parse_args().port), Collector)
    server.fault = False
    print(f"collecting on {server.server_port}", flush=True)
    while not server.fault:
        server.handle_request()
    sys.exit(1)


if __name__ == "__main__":
    main()
