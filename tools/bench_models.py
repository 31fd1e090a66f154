"""What tools/measure-speed.py and tools/measure-growth.py share: the models, the programs that are timed, and whole processes of them in turn.

Needs the .NET SDK, and Debian's python3-torch, python3-torchvision and python3-onnx to export the models.
"""
import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROCESS_MS = 6000
FEWEST_ROUNDS = 7
WARM_UP = 3  # The peer's untimed steps.

# libtorch allocates its tensors anew in every step. By glibc's default thresholds a process, by lot, gives that memory back to the system and faults
# it in again each time: thousands of page faults a step, and up to three times the time. It is timed at its best, where freed memory is kept.
KEEP_FREED_MEMORY = "glibc.malloc.trim_threshold=4294967296:glibc.malloc.mmap_threshold=1073741824"


@dataclasses.dataclass(frozen=True)
class Model:
    """How a model is measured. step_ms: about what a step takes on two cores; it decides only how many of them a process times."""
    batch: int
    step_ms: float
    sgd: bool = False

    def rounds(self, batch, scale):
        return max(FEWEST_ROUNDS, round(scale * PROCESS_MS / (self.step_ms * batch / self.batch)))

    @property
    def optimizer(self):
        return ["--optimizer", "sgd", "--momentum", "0.9"] if self.sgd else ["--optimizer", "adamw"]


MODELS = {
    "mlp": Model(128, 8),
    "lenet": Model(128, 20),
    "resnet18": Model(64, 450, sgd=True),
    "resnet18_stem7": Model(16, 380, sgd=True),
    "resnet34": Model(64, 900, sgd=True),
    "resnet50": Model(64, 1200, sgd=True),
    "vit": Model(64, 600),
    "vit_p16": Model(16, 110),
}


@dataclasses.dataclass(frozen=True)
class Measured:
    """One process: the median of its steps and its first step with all that comes before, in ms, and its peak memory in 10^6 bytes."""
    ms: float
    megabytes: float
    start_up: float | None = None


class Summary:
    """Several processes of one kind: the median of their times, the slowest / the fastest, and the highest peak memory."""

    def __init__(self, processes):
        self.ms = statistics.median(p.ms for p in processes)
        self.spread = max(p.ms for p in processes) / min(p.ms for p in processes)
        self.megabytes = max(p.megabytes for p in processes)
        self.start_up = statistics.median(p.start_up or 0 for p in processes)


class Workbench:
    """TrainingHost, libtorch-peer and exported models, made in a folder of their own that is gone at the end."""

    def __init__(self, names, arguments):
        self.scale, self.processes = arguments.rounds_scale, arguments.processes
        self.peer_environment = {**os.environ, **({} if arguments.default_malloc else {"GLIBC_TUNABLES": KEEP_FREED_MEMORY})}
        self.temporary = tempfile.TemporaryDirectory(prefix="tract-speed-")
        folder = pathlib.Path(self.temporary.name)
        self.models, self.host, self.peer_program = folder / "models", folder / "host" / "TrainingHost.dll", folder / "peer" / "peer"
        self._say("building")
        run(["dotnet", "build", ROOT / "TrainingHost", "-c", "Release", "-v", "q", "-o", self.host.parent])
        run([ROOT / "tools" / "libtorch-peer" / "build.sh", self.peer_program.parent])
        run([sys.executable, "-W", "ignore", ROOT / "tools" / "export-bench-models.py", self.models, *names])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def ours(self, name, only, batch=None):
        """One process of `bench --only`: plain, TrAct or forward."""
        model = MODELS[name]
        batch = batch or model.batch
        said = run(["dotnet", self.host, "bench", self.models / f"{name}.onnx", "--only", only, "--batch-size", str(batch),
                    "--rounds", str(model.rounds(batch, self.scale)), *model.optimizer, "--json"])
        report = json.loads(said)
        (timing,) = report["milliseconds"]
        return Measured(timing["median"], report["peak_megabytes"], timing["start_up"])

    def peer(self, name, batch=None):
        """One process of libtorch."""
        model = MODELS[name]
        batch = batch or model.batch
        command = [str(self.peer_program), name, str(batch), *(["0.9"] if model.sgd else [])]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
        with subprocess.Popen(command, env=self.peer_environment, **pipes) as process:
            times = []
            for _ in range(WARM_UP + model.rounds(batch, self.scale)):
                process.stdin.write("\n")
                if not (answer := process.stdout.readline()):
                    sys.exit(f"{' '.join(command)}: ended before its step was done.")
                times.append(float(answer))
            return Measured(statistics.median(times[WARM_UP:]), peak_megabytes(process.pid))

    def in_turn(self, kinds):
        """Summaries by the keys of kinds. Each kind's processes alternate with the others', so that a machine that drifts slows all alike."""
        measured = {key: [] for key in kinds}
        for number in range(1, self.processes + 1):
            for key, one_process in kinds.items():
                self._say(f"process {number} of {self.processes}: {' '.join(map(str, key))}")
                measured[key].append(one_process())
        self._say("")
        return {key: Summary(found) for key, found in measured.items()}

    @staticmethod
    def _say(what):
        if sys.stderr.isatty():
            print(f"\r\x1b[K{what}", end="", file=sys.stderr, flush=True)


def run(command):
    """What the program prints; where it fails, the line that says why ends this one."""
    command = [str(word) for word in command]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip() or "said nothing").splitlines()
        why = next((line for line in lines if " error " in line), lines[-1])  # A compiler's errors stand before its summary.
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}: {why.strip()}")
    return done.stdout


def peak_megabytes(pid):
    """The most memory that a running process has held (Linux)."""
    kibibytes = re.search(r"VmHWM:\s*(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())[1]
    return int(kibibytes) * 1024 / 1e6


def package_version(name):
    return re.search(f'Include="{re.escape(name)}" Version="([^"]+)"', (ROOT / "Directory.Packages.props").read_text())[1]


def libtorch():
    """Its name with the version as tables show it."""
    return "libtorch " + ".".join(package_version("libtorch-cpu-linux-x64").split(".")[:2])


def provenance(arguments):
    """The line that says where figures come from."""
    processes, malloc = arguments.processes, "glibc's default malloc" if arguments.default_malloc else "a malloc that keeps freed memory"
    cpu = re.search(r"^Model name:\s*(.+)$", run(["lscpu"]), re.MULTILINE)[1]
    commit = run(["git", "-C", ROOT, "describe", "--always", "--dirty"]).strip()
    return (f"Median of {processes} process{'es' if processes > 1 else ''} of each kind, run in turn. {cpu}, {os.cpu_count()} cores; "
            f"{datetime.date.today()}; TrAct.Onnx {commit}, .NET SDK {run(['dotnet', '--version']).strip()}, "
            f"ONNX Runtime {package_version('Microsoft.ML.OnnxRuntime')}, libtorch {package_version('libtorch-cpu-linux-x64')} "
            f"(TorchSharp {package_version('TorchSharp')}, {malloc}).")


def table(header):
    """Prints a table's head: the first column to the left, figures to the right."""
    print(f"| {' | '.join(header)} |\n| --- |{' ---: |' * (len(header) - 1)}", flush=True)


def row(*cells):
    print(f"| {' | '.join(cells)} |", flush=True)


def list_of(known):
    """Type of an option: some of the known ones, with commas between."""
    def parse(text):
        chosen = text.split(",")
        if unknown := [one for one in chosen if one not in known]:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: there are {', '.join(known)}.")
        return chosen
    return parse


def options(description):
    """A parser with what both scripts take."""
    def positive(kind):
        def parse(text):
            number = kind(text)
            if number <= 0:
                raise argparse.ArgumentTypeError(f"{text}: must be above 0.")
            return number
        parse.__name__ = kind.__name__
        return parse

    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=positive(int), default=3, help="of each kind (3)")
    parser.add_argument("--rounds-scale", type=positive(float), default=1.0, help=f"1: a process times about {PROCESS_MS / 1000:g} s of steps")
    parser.add_argument("--default-malloc", action="store_true", help="libtorch under glibc's default thresholds: slower, and by lot much slower")
    return parser
