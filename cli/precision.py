"""`spikelock precision`: how long the streams of a stochastic layer must be, and what that costs."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from spikelock.models.engine.margins import margins
from spikelock.models.errors import BadInput, MissingTool
from spikelock.models.network import precision
from spikelock.models.network.precision import Layer, Plan
from spikelock.models.network.program import Program
from spikelock.models.neurons import lif
from spikelock.models.sc import dense, lfsr, sobol
from spikelock.models.sc.dense import Product
from spikelock.models.sc.precision import Sharing

from .network import add_network, read_input, read_network
from .outcome import Outcome
from .progress import progress_bars

NAME = "precision"
HELP = "Plan a stochastic layer: length of streams and sharing of sources for an error, and what they cost."
EXAMPLES = (
    "spikelock precision --inputs 64 --neurons 10 --error 0.5 --confidence 0.99",
    "spikelock precision --inputs 64 --length 1024 --lanes 8 --device hx8k",
    "spikelock precision network.nir --error 0.1",
    "spikelock precision network.nir --input test.npz",
)

COLUMNS = ("sharing", "sources", "bits", "cycles", "bound", "measured", "rms", "enough")

LEGEND = """\
bits: length of streams; cycles: of a tick of sc.dense. Errors are in units of {unit}.
bound: on the error of independent bits (Hoeffding), with confidence {confidence:g} in {events} sums at once:
guaranteed of those, an estimate of LFSRs. measured: the same of LFSRs and Sobol numbers, in {trials} trials
with random values and seeds; rms: of one sum. enough: bits that the measurement says suffice.
"""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """NET or --inputs; --error, --length or --input; and what the hardware is like."""
    add_network(command, needed=False)
    layer = command.add_argument_group("one layer, instead of a network")
    layer.add_argument("--inputs", type=int, metavar="N", help="synapses of a neuron")
    layer.add_argument("--neurons", type=int, metavar="N", help="neurons of the layer (default 1)")
    layer.add_argument("--product", choices=[p.value for p in Product], help="of two streams (default and)")
    target = command.add_argument_group("what is wanted")
    target.add_argument(
        "--error",
        type=float,
        metavar="E",
        help="of a sum, in units of one product; of a network, of the current that reaches the threshold",
    )
    target.add_argument("--length", type=int, metavar="N", help="bits of a stream: what error have they?")
    target.add_argument(
        "--input",
        metavar="FILE",
        help="of a network, .npz with `spikes`: what do all spikes of a sample need to stay the same?",
    )
    target.add_argument("--samples", metavar="N", type=int, help="only the first N samples")
    target.add_argument("--confidence", type=float, default=0.95, metavar="C", help="default 0.95")
    target.add_argument(
        "--ticks", type=int, metavar="N", help="in which all sums are to be right (default 1)"
    )
    command.add_argument("--width", type=int, metavar="N", help="bits of the sources' numbers (default 16)")
    command.add_argument("--trials", type=int, default=precision.TRIALS, metavar="N", help="layers measured")
    command.add_argument("--seed", type=int, default=0, help="of the measurement (default 0)")
    command.add_argument("--lanes", type=int, metavar="N", help="synapses at a time (default all)")
    command.add_argument("--parallel", type=int, metavar="N", help="neurons at a time (default 1)")
    command.add_argument("--device", metavar="NAME", help="place the layer there, as `spikelock cost` does")


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints a table of plans for each layer, or what the spikes of a network need."""
    if (arguments.network is None) == (arguments.inputs is None):
        raise BadInput("either a network or --inputs says what is planned; give one of them")
    _refuse_what_is_not_for(arguments)
    if arguments.seed < 0:
        raise BadInput(f"--seed {arguments.seed}: a seed is 0 or more")
    if arguments.network is None:
        product = Product(arguments.product or "and")
        layer = Layer("layer", arguments.inputs, _or(arguments.neurons, 1), _or(arguments.ticks, 1), product)
        return _plans(arguments, screen, [layer], [lif.COMPACT], "one product")
    program, _ = read_network(arguments)
    if arguments.input is not None:
        return _spikes(arguments, screen, program)
    layers = precision.layers_of(program, _or(arguments.ticks, 1))
    neurons = [population.params.neuron for population in program.populations]
    return _plans(arguments, screen, layers, neurons, "the current that reaches the threshold")


def _or(given: int | None, default: int) -> int:
    return default if given is None else given


def _refuse_what_is_not_for(arguments: argparse.Namespace) -> None:
    """Options that say nothing together are a mistake."""
    if arguments.network is None:
        others = {"input": "a network", "samples": "a network"}
    elif arguments.input is None:
        others = dict.fromkeys(("neurons", "product"), "one layer") | {"samples": "--input"}
    else:
        others = dict.fromkeys(("neurons", "product"), "one layer")
        others |= dict.fromkeys(("error", "ticks", "lanes", "parallel", "device"), "plans without --input")
    for name, of in others.items():
        if getattr(arguments, name) is not None:
            raise BadInput(f"--{name} is for {of}; leave it out")


# ---------------------------------------------------------------- layers


def _plans(
    arguments: argparse.Namespace,
    screen: Console,
    layers: list[Layer],
    neurons: list[lif.Params],
    unit: str,
) -> Outcome:
    """A table for each layer."""
    options: dict[str, Any] = {"error": arguments.error, "length": arguments.length}
    options |= {"width": _or(arguments.width, 16), "trials": arguments.trials, "seed": arguments.seed}
    results, exit_code = [], 0
    for layer, neuron in zip(layers, neurons, strict=True):
        sharings = [s for s in Sharing if s is not Sharing.NEURONS or layer.neurons > 1]
        found = []
        with progress_bars(screen) as bars:
            task = bars.add_task(layer.name, total=len(sharings))
            for sharing in sharings:
                found.append(precision.plan(layer, sharing, arguments.confidence, **options))
                bars.advance(task)
        if all(one.length is None for one in found):
            raise BadInput(f"{layer.name}: {found[0].refused}")
        hardware = {
            one.sharing: _hardware(arguments, layer, neuron, one.length) for one in found if one.length
        }
        _show(screen, layer, found, hardware)
        costs = {}
        if arguments.device is not None:
            costs = _costs(arguments, screen, next(iter(hardware.values())))
            exit_code = 3 if "not_run" in costs else exit_code
        results.append(
            asdict(layer) | {"plans": [_as_json(one, hardware.get(one.sharing)) for one in found], **costs}
        )
    events = " or ".join(dict.fromkeys(str(layer.events) for layer in layers))
    trials = sorted(
        {one["measured"]["trials"] for layer in results for one in layer["plans"] if one["measured"]}
    )
    some = f"{trials[0]}" if len(trials) == 1 else f"{trials[0]} … {trials[-1]}" if trials else "no"
    legend = LEGEND.format(unit=unit, confidence=arguments.confidence, events=events, trials=some)
    screen.print(legend, end="", soft_wrap=True)
    return Outcome(exit_code, {"confidence": arguments.confidence, "unit": unit, "layers": results})


def _hardware(arguments: argparse.Namespace, layer: Layer, neuron: lif.Params, length: int) -> dense.Params:
    """The dense layer that does it. It has a seed for every synapse, so its numbers may have to be wider."""
    seeds = layer.inputs * (1 + layer.neurons)
    return dense.Params(
        layer.inputs,
        layer.neurons,
        layer.product,
        max(_or(arguments.width, 16), seeds.bit_length()),
        length,
        lanes=_or(arguments.lanes, layer.inputs),
        parallel=_or(arguments.parallel, 1),
        neuron=neuron,
    )


def _show(screen: Console, layer: Layer, found: list[Plan], hardware: dict[Sharing, dense.Params]) -> None:
    ticks = f", {layer.ticks} ticks" if layer.ticks > 1 else ""
    title = f"{layer.name}: inputs {layer.inputs}, neurons {layer.neurons}{ticks}, {layer.product.value}"
    table = Table(*COLUMNS, title=title, title_justify="left")
    for column in table.columns:
        column.justify, column.no_wrap = "right", True
    table.columns[0].justify = "left"
    for one in found:
        row = [one.sharing.value, f"{one.sources:,}"]
        if one.length is not None:
            row += [f"{one.length:,}", f"{hardware[one.sharing].cycles:,}"]
            row += ["–" if one.guaranteed is None else f"{one.guaranteed:.3g}"]
            measured = one.measured
            row += [f"{measured.quantile:.3g}", f"{measured.rms:.2g}"] if measured else ["–", "–"]
            row += ["–" if one.measured_length is None else f"{one.measured_length:,}"]
        table.add_row(*row)
    screen.print(table)
    for one in found:
        if one.refused:
            screen.print(f"{one.sharing.value}: {one.refused}", soft_wrap=True)


def _as_json(one: Plan, hardware: dense.Params | None) -> dict[str, Any]:
    return asdict(one) | {"sharing": one.sharing.value, "cycles": hardware.cycles if hardware else None}


def _costs(arguments: argparse.Namespace, screen: Console, layer: dense.Params) -> dict[str, Any]:
    """Prints what the layer, and a source of each kind, take there; NOT RUN where tools are missing."""
    from spikelock.testbenches.netlist import cost

    wanted = [(dense.CORE, layer), (lfsr.CORE, lfsr.Params(layer.width, seed=1))]
    wanted += [(sobol.CORE, sobol.Params(width=min(layer.width, 32)))]
    name = f"{layer.inputs}x{layer.neurons}-{layer.length}"
    measured = []
    try:
        for core, params in wanted:
            measured.append(cost.measure_params(core, name, params, arguments.device))
    except MissingTool as missing:
        screen.print(f"cost on {arguments.device}: NOT RUN: {missing}", soft_wrap=True, markup=False)
        return {"not_run": str(missing)}
    for one, (core, _) in zip(measured, wanted, strict=True):
        what = (
            f"{core.name}, lanes {layer.lanes}, parallel {layer.parallel}"
            if core is dense.CORE
            else core.name
        )
        size = f"does not fit: {one.unfit}" if one.unfit else f"{one.cells} logic cells, {one.mhz:.0f} MHz"
        screen.print(f"{what} on {arguments.device}: {size}", soft_wrap=True, markup=False)
    return {"costs": [asdict(one) for one in measured]}


# ---------------------------------------------------------------- spikes


def _spikes(arguments: argparse.Namespace, screen: Console, program: Program) -> Outcome:
    """What streams need so that every spike of a sample is that of the exact sums."""
    spikes, _ = read_input(arguments, program)
    found = margins(program, spikes)
    plan = precision.plan_spikes(found, arguments.confidence, width=arguments.width, length=arguments.length)
    table = Table("population", "neurons", "active synapses", "least", "median", "largest")
    for column in table.columns[1:]:
        column.justify = "right"
    for one in found:
        in_thresholds = sorted(((one.margin + one.free) / one.threshold).reshape(-1).tolist())
        figures = [in_thresholds[0], in_thresholds[len(in_thresholds) // 2], in_thresholds[-1]]
        synapses = f"{one.active.mean():.1f}, at most {one.active.max()}"
        table.add_row(one.population, str(one.margin.shape[1]), synapses, *(f"{f:.3g}" for f in figures))
    screen.print("margins of the currents of a neuron, in units of the current that reaches the threshold")
    screen.print(table)
    lengths = sorted(plan.lengths.tolist())
    screen.print(
        f"bits for every spike of a sample to stay, with confidence {arguments.confidence:g} "
        f"(independent bits): shortest {lengths[0]:,}, median {lengths[len(lengths) // 2]:,}, "
        f"longest {lengths[-1]:,}; numbers of {plan.width} bits",
        soft_wrap=True,
    )
    if plan.kept is not None:
        screen.print(f"{arguments.length:,} bits: guaranteed for {plan.kept} of {len(lengths)} samples")
    data = {"confidence": arguments.confidence, "width": plan.width, "lengths": lengths, "kept": plan.kept}
    return Outcome(0, data | {"length": arguments.length})
