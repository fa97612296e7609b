"""The server under measurement: started, watched through /proc, ended."""
import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request

TICK = os.sysconf("SC_CLK_TCK")


class Server:
    """`myna serve` on a free port, with the home that ships with it."""

    def __init__(self, myna, arguments, log):
        self.log = open(log, "w", encoding="utf-8")
        self.process = subprocess.Popen(
            [myna, "serve", "--port", "0", "--log", "json", *arguments], stdout=subprocess.PIPE, stderr=self.log,
            stdin=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            if "serving on http://" in line:
                self.address = line.split("serving on ")[1].split("/ ")[0].rstrip("/")
                break
        else:
            raise SystemExit(f"{myna} serve ended with {self.process.wait()}; see {log}")

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.log.close()
        return status

    def get(self, path):
        with urllib.request.urlopen(self.address + path, timeout=20) as answer:
            return answer.read().decode()

    def home(self):
        """The state and attributes of each entity."""
        areas = json.loads(self.get("/home"))["areas"]
        return {entity["id"]: (entity["state"], entity["attributes"]) for area in areas for entity in area["entities"]}

    def prepare(self, request):
        """Brings the request's device into another state than the wanted one."""
        service, data = request.before[0], request.before[1] if len(request.before) > 1 else {}
        try:
            self.call(service, request.entity, data)
        except urllib.error.HTTPError as refusal:
            if refusal.code != 400:  # there may be nothing to do, as with an item that is on no list
                raise
        if request.is_met(*self.home()[request.entity]):
            raise RuntimeError(f"{request.entity} cannot be prepared for “{request.text}”")

    def call(self, service, entity, data):
        """A service of the home, past the assistant."""
        body = json.dumps({"service": f"{entity.split('.')[0]}.{service}", "entity": entity, "data": data}).encode()
        asked = urllib.request.Request(self.address + "/home/call", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=20) as answer:
            answer.read()

    def sessions(self):
        return int(next(line.split()[1] for line in self.get("/metrics").splitlines() if line.startswith("myna_sessions ")))

    def resident(self):
        """Resident memory in MiB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def ticks_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


class Usage:
    """Who used the processors meanwhile: the server, this tool, everything else; as parts of one core."""

    def __init__(self, server):
        self.server, self.begin = server, time.monotonic()
        self.first = self.counts()

    def counts(self):
        with open("/proc/stat", encoding="ascii") as file:
            cells = [int(cell) for cell in file.readline().split()[1:9]]
        busy = sum(cells) - cells[3] - cells[4]
        return ticks_of(self.server.process.pid), ticks_of(os.getpid()), busy

    def shares(self):
        server, tool, busy = (b - a for a, b in zip(self.first, self.counts()))
        ticks = (time.monotonic() - self.begin) * TICK
        return {"server": round(server / ticks, 2), "clients": round(tool / ticks, 2),
                "others": round(max(0, busy - server - tool) / ticks, 2), "cores": os.cpu_count()}
