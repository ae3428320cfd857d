# A cloud, of one web server: boards say hello, phones ask whether they did.
# MIT licence
"""python -m lab.cloud ADDRESS ANSWER: GET /hello is answered with ANSWER ("accept" or "refuse"),
GET /seen with the addresses that said hello.
"""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

PORT = 8000


class Cloud(BaseHTTPRequestHandler):
    answer = ""
    seen = ()

    def do_GET(self):
        if self.path == "/hello":
            Cloud.seen = (*Cloud.seen, self.client_address[0])
            text = self.answer
        else:
            text = " ".join(self.seen)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *words):
        """Nothing: /seen says it."""


if __name__ == "__main__":
    Cloud.answer = sys.argv[2]
    HTTPServer((sys.argv[1], PORT), Cloud).serve_forever()
