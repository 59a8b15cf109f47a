"""What the sections with a template of their own are given, beside what every section has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .section import Results
from .tables import Table, of_mappings, text_of

GENERIC = "check.html"


def details_of(check: str, results: Results) -> tuple[str, Mapping[str, Any]]:
    """The template of a check's section, and what it needs besides; most checks have the generic one.

    Results without the data that a template shows, such as those that were not run, are left out of it.
    """
    if check not in DETAILS:
        return GENERIC, {}
    needs, make = DETAILS[check]
    fit = [result for result in results if needs <= result["data"].keys()]
    return (f"{check}.html", make(fit)) if fit else (GENERIC, {})


def _proofs(results: Results) -> dict[str, Any]:
    unreached = [
        {"core": result["core"], "proof": result["title"], "cover": cover}
        for result in results
        for cover in result["data"]["covers_missing"]
    ]
    return {"proofs": results, "unreached": of_mappings("covers not reached", unreached)}


def _faults(results: Results) -> dict[str, Any]:
    outcomes = [
        {"core": result["core"], "group": group, **counts}
        for result in results
        for group, counts in result["data"]["groups"].items()
    ]
    places = [
        of_mappings(
            f"{result['core']}, {result['data']['kind']}: places, those with most silent corruptions first",
            [_place(place) for place in result["data"]["places"]],
        )
        for result in results
    ]
    return {"outcomes": outcomes, "places": places}


def _place(place: Mapping[str, Any]) -> dict[str, Any]:
    share, low, high = (100 * part for part in place["shares"]["silent"])
    counts = {name: value for name, value in place.items() if name != "shares"}
    return {**counts, "silent, %": f"{share:.0f} ({low:.0f} to {high:.0f})"}


def _mutation(results: Results) -> dict[str, Any]:
    """Scores of all designs of a core, then of each design; survivors with their lines of the source."""
    concluded = [result for result in results if "conclude" in result["task"]["arguments"]]
    designs = [result for result in results if result not in concluded]
    scores = [
        {"core": result["core"], "what": what, "status": result["status"], **result["data"][key]}
        for result in concluded or designs
        for what, key in ((result["title"], "score"), ("without state", "leaves"))
        if result["data"][key]["mutants"]
    ]
    by_module = [
        {"core": result["core"], "design": result["data"]["design"], "module": module, **_score(score)}
        for result in designs
        for module, score in result["data"]["modules"].items()
    ]
    survivors = [
        {"core": result["core"], **_survivor(one)}
        for result in concluded or designs
        for one in result["data"]["survivors"]
    ]
    return {
        "scores": scores,
        "survivors": of_mappings("survivors", sorted(survivors, key=lambda one: str(one["verdict"]))),
        "by_module": of_mappings("scores of each design and module", by_module),
    }


def _score(score: Mapping[str, Any]) -> dict[str, Any]:
    low, high = score["interval"]
    strict = f"{100 * score['strict']:.1f} ({100 * low:.0f} to {100 * high:.0f})"
    return {"strict, %": strict} | {
        key: score[key] for key in ("mutants", "killed", "weak", "equivalent", "unknown", "different")
    }


def _survivor(one: Mapping[str, Any]) -> dict[str, Any]:
    lines = "; ".join(f"{source['line']}: {source['text']}" for source in one["sources"])
    return {
        "verdict": one["verdict"],
        "source": lines,
        "mutation": one["mutation"],
        "shown by": one["shown"],
        "design": one["design"],
        "module": one["module"],
    }


def _coverage(results: Results) -> dict[str, Any]:
    """Functional and code coverage: what is reached of what there is, then what is not, the worst first."""
    functional = [result for result in results if "bins" in result["data"]]
    code = [result for result in results if "reached" in result["data"]]
    bins = [
        {"core": result["core"], "point": point, "bin": name, "hits": hits}
        for result in functional
        for point, counts in result["data"]["bins"].items()
        for name, hits in counts.items()
    ]
    points = [
        {
            "core": result["core"],
            "what": point,
            "reached": sum(hits > 0 for hits in counts.values()),
            "total": len(counts),
        }
        for result in functional
        for point, counts in result["data"]["bins"].items()
    ]
    kinds = [
        {"core": result["core"], "what": kind, "reached": reached, "total": total}
        for result in code
        for kind, (reached, total) in result["data"]["reached"].items()
    ]
    return {
        "kinds": [
            ("Functional coverage", FUNCTIONAL, points),
            ("Code coverage", CODE, kinds),
        ],
        "lists": [
            _listed("holes in the code, the worst first", "holes", results),
            _listed("waived", "waived", results),
            of_mappings("bins, those with the fewest hits first", sorted(bins, key=lambda one: one["hits"])),
        ],
    }


FUNCTIONAL = (
    "Situations that the cases have reached between them. One that is not reached is waived for a reason, "
    "impossible, or a failure."
)
CODE = "Lines, branches and bits of ports that were exercised in the RTL."


def _listed(title: str, key: str, results: Results) -> Table:
    rows = [{"core": result["core"], key: one} for result in results for one in result["data"].get(key, ())]
    return of_mappings(title, rows)


FIGURES = ("cells", "lut", "ff", "carry", "ram", "dsp", "mhz")
"""Of the cost of a core."""


def _cost(results: Results) -> dict[str, Any]:
    rows = []
    for result in results:
        now, kept = result["data"], result["data"]["kept"] or {}
        row = {"core": result["core"], "configuration": now["configuration"], "device": now["device"]}
        row |= {"status": result["status"]}
        rows.append(row | {name: _changed(now[name], kept.get(name)) for name in FIGURES})
    return {"costs": of_mappings("cost", rows)}


def _changed(now: float, kept: float | None) -> str:
    if kept is None or now == kept:
        return text_of(now)
    return f"{text_of(now)} ({'+' if now > kept else '−'}{text_of(abs(now - kept))})"


DETAILS: Mapping[str, tuple[set[str], Callable[[Results], dict[str, Any]]]] = {
    "proofs": ({"verdict", "says", "covers", "covers_missing"}, _proofs),
    "mutation": ({"score", "leaves", "survivors"}, _mutation),
    "cost": ({"configuration", "device", "kept", *FIGURES}, _cost),
    "coverage": ({"figure", "waived"}, _coverage),
    "faults": ({"kind", "groups", "places"}, _faults),
}
"""Keys that the data of a result must have, and the function."""
