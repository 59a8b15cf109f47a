"""Many alterations of one design, such as mutants or faults, behind one selector: one build serves them all.

prepared = prepare(rtlil)
alterations = list_mutations(prepared, 1000, seed=1)
built = build_altered(prepared, alterations, inputs, outputs)
with Model(built) as model:
    response = model.run(Job(..., levels=select(alterations[0].number)))
"""

from .alteration import Alteration, Altering
from .altered import UNALTERED, alter, build_altered, select, selector_port
from .mutations import list_mutations
from .prepared import prepare, prepare_component

__all__ = [
    "UNALTERED",
    "Alteration",
    "Altering",
    "alter",
    "build_altered",
    "list_mutations",
    "prepare",
    "prepare_component",
    "select",
    "selector_port",
]
