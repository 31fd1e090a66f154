#!/usr/bin/python3
"""The table of step times in markdown: our step without and with TrAct, libtorch's on the same model, and ONNX Runtime's forward pass alone.

    tools/measure-speed.py                                      all six models, about ten minutes
    tools/measure-speed.py --models mlp,vit --processes 5

Builds the programs and exports the models itself; what that needs: tools/bench_models.py.
"""
from bench_models import MODELS, Workbench, libtorch, list_of, options, provenance, row, table

NAMES = ["mlp", "lenet", "resnet18", "resnet18_stem7", "vit", "vit_p16"]
OURS = ["plain", "TrAct", "forward"]


def measure(bench, name):
    kinds = {(name, kind): lambda kind=kind: bench.ours(name, kind) for kind in OURS}
    kinds[name, "libtorch"] = lambda: bench.peer(name)
    return {kind: summary for (_, kind), summary in bench.in_turn(kinds).items()}


def cells(name, found):
    plain, tract, forward, peer = (found[kind] for kind in [*OURS, "libtorch"])
    return [
        f"{name}, batch {MODELS[name].batch}",
        f"{plain.ms:.1f}",
        f"{tract.ms:.1f} ({100 * (tract.ms / plain.ms - 1):+.1f} %)",
        f"{peer.ms:.1f}",
        f"{plain.ms / peer.ms:.2f}",
        f"{tract.ms / peer.ms:.2f}",
        f"{forward.ms:.1f}",
        f"{plain.spread:.2f}, {tract.spread:.2f}, {peer.spread:.2f}",
        f"{plain.megabytes:.0f}, {tract.megabytes:.0f}, {peer.megabytes:.0f}",
        f"{plain.start_up:.0f}, {tract.start_up:.0f}",
    ]


def main():
    parser = options(__doc__)
    parser.add_argument("--models", type=list_of(NAMES), default=NAMES, help=f"some of {','.join(NAMES)}")
    arguments = parser.parse_args()
    with Workbench(arguments.models, arguments) as bench:
        table([
            "model", "plain, ms", "with TrAct, ms", f"{libtorch()}, ms", "plain / libtorch", "TrAct / libtorch", "forward pass, ms",
            "slowest / fastest process: plain, TrAct, libtorch", "peak memory, MB: plain, TrAct, libtorch", "start-up, ms: plain, TrAct",
        ])
        for name in arguments.models:
            row(*cells(name, measure(bench, name)))
    print(f"\n{provenance(arguments)}")


if __name__ == "__main__":
    main()
