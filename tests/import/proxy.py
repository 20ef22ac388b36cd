#!/usr/bin/env python3
"""proxy.py - between ostimport and an IMAP server: what a bad day does to it

    proxy.py LISTEN SERVER [--delay MS] [--cut N SEED] [--no N] [--hide WORD...]
             [--count FILE]

Both addresses are HOST:PORT.
    --delay MS      each way takes half of it
    --cut N SEED    N connections end at a byte of either way that SEED chose
    --no N          every Nth APPEND is answered NO, and is not passed on
                    (with --hide MULTIAPPEND LITERAL+)
    --hide WORD...  words that are taken out of CAPABILITY answers
    --count FILE    lines that were said to the server, a line each, go there
"""
import argparse
import asyncio
import random
import re
import sys


class Proxy:
    def __init__(self, options):
        self.o = options
        self.random = random.Random(options.cut[1] if options.cut else 0)
        self.cuts = options.cut[0] if options.cut else 0
        self.appends = 0
        self.log = open(options.count, "w") if options.count else None

    def hidden(self, data):
        if b"CAPABILITY" in data:
            for word in self.o.hide:
                data = re.sub(rb" %s(?=[ \]\r])" % re.escape(word.encode()),
                              b"", data)
        return data

    async def pump(self, reader, writer, edit, cut):
        """Pass on until the end, or until `cut` bytes of either way."""
        queue = asyncio.Queue()
        half = self.o.delay / 2000

        async def deliver():
            while True:
                due, data = await queue.get()
                if data is None:
                    break
                wait = due - asyncio.get_running_loop().time()
                if wait > 0:
                    await asyncio.sleep(wait)
                writer.write(data)
                await writer.drain()

        task = asyncio.create_task(deliver())
        try:
            while True:
                data = await reader.read(65536)
                if not data:
                    break
                data = edit(data)
                if cut[0] is not None:
                    if len(data) >= cut[0]:
                        data = data[:cut[0]]
                        cut[0] = 0
                    else:
                        cut[0] -= len(data)
                queue.put_nowait(
                    (asyncio.get_running_loop().time() + half, data))
                if cut[0] == 0:
                    break
            queue.put_nowait((0, None))
            await task
        except OSError:
            task.cancel()

    def say(self, data):
        if self.log:
            for line in data.split(b"\r\n"):
                if re.match(rb"A\d+ [A-Z]", line):
                    self.log.write(line[:200].decode("latin-1") + "\n")
            self.log.flush()
        return data

    async def refuse(self, reader, writer, server):
        """Command by command, each APPEND with its literal."""
        try:
            while line := await reader.readline():
                match = re.match(rb"(A\d+) APPEND .*\{(\d+)(\+?)\}\r\n$", line)
                if not match:
                    server.write(line)
                    continue
                self.appends += 1
                if self.appends % self.o.no:
                    server.write(line)
                    if not match[3]:
                        while server.transport.get_write_buffer_size():
                            await asyncio.sleep(0.001)
                    server.write(await self.literal(reader, match))
                    continue
                if match[3]:
                    await self.literal(reader, match)
                    await reader.readline()
                writer.write(match[1] + b" NO not this time\r\n")
        except OSError:
            pass

    @staticmethod
    async def literal(reader, match):
        return await reader.readexactly(int(match[2]))

    async def serve(self, reader, writer):
        host, _, port = self.o.server.rpartition(":")
        theirs, server = await asyncio.open_connection(host, int(port))
        cut = [None]
        if self.cuts > 0:
            self.cuts -= 1
            cut = [self.random.randrange(1, self.o.span)]
        to = (self.refuse(reader, writer, server) if self.o.no else
              self.pump(reader, server, self.say, cut))
        ways = [asyncio.create_task(to), asyncio.create_task(
            self.pump(theirs, writer, self.hidden, cut))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (writer, server):
            end.close()


async def main(options):
    proxy = Proxy(options)
    host, _, port = options.listen.rpartition(":")
    server = await asyncio.start_server(proxy.serve, host, int(port),
                                        limit=1 << 26)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("listen")
    parser.add_argument("server")
    parser.add_argument("--delay", type=float, default=0)
    parser.add_argument("--cut", type=int, nargs=2)
    parser.add_argument("--span", type=int, default=40000)
    parser.add_argument("--no", type=int, default=0)
    parser.add_argument("--hide", nargs="*", default=[])
    parser.add_argument("--count")
    try:
        asyncio.run(main(parser.parse_args()))
    except KeyboardInterrupt:
        sys.exit(0)
