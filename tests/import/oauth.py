#!/usr/bin/env python3
"""oauth.py - whether a token of OAuth 2 is good, for a mail server to ask

    oauth.py PORT

Of "good-USER" it says that it is USER's, of all others that they are none.
"""
import http.server
import json
import sys
import urllib.parse


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked = urllib.parse.urlparse(self.path).query
        token = urllib.parse.parse_qs(asked)["token"][0]
        good = token.startswith("good-")
        body = json.dumps({"active": good, "email": token[5:]} if good
                          else {"active": False}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])),
                       Answer).serve_forever()
