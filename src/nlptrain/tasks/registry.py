"""All tasks, as the one type that a config's `data.task` has."""

from typing import Annotated

from pydantic import Discriminator, Tag

from nlptrain.settings.section import type_or
from nlptrain.tasks.contains_all import ContainsAll
from nlptrain.tasks.contains_any import ContainsAny
from nlptrain.tasks.cycle_navigation import CycleNavigation
from nlptrain.tasks.dyck1 import Dyck1
from nlptrain.tasks.even_pairs import EvenPairs
from nlptrain.tasks.exactly_k import ExactlyK
from nlptrain.tasks.first_before import FirstBefore
from nlptrain.tasks.flip_flop import FlipFlop
from nlptrain.tasks.majority import Majority
from nlptrain.tasks.modular_arithmetic import ModularArithmetic
from nlptrain.tasks.parity import Parity
from nlptrain.tasks.position_first import PositionFirst
from nlptrain.tasks.regex import Regex
from nlptrain.tasks.same_ends import SameEnds
from nlptrain.tasks.sl2 import Sl2
from nlptrain.tasks.sorted import Sorted
from nlptrain.tasks.substring import Substring
from nlptrain.tasks.tomita import Tomita

Task = Annotated[
    Annotated[ContainsAny, Tag("<contains_any>")]
    | Annotated[ContainsAll, Tag("<contains_all>")]
    | Annotated[ExactlyK, Tag("<exactly_k>")]
    | Annotated[Majority, Tag("<majority>")]
    | Annotated[Substring, Tag("<substring>")]
    | Annotated[Sl2, Tag("<sl2>")]
    | Annotated[Sorted, Tag("<sorted>")]
    | Annotated[FirstBefore, Tag("<first_before>")]
    | Annotated[PositionFirst, Tag("<position_first>")]
    | Annotated[SameEnds, Tag("<same_ends>")]
    | Annotated[FlipFlop, Tag("<flip_flop>")]
    | Annotated[Parity, Tag("<parity>")]
    | Annotated[EvenPairs, Tag("<even_pairs>")]
    | Annotated[CycleNavigation, Tag("<cycle_navigation>")]
    | Annotated[ModularArithmetic, Tag("<modular_arithmetic>")]
    | Annotated[Tomita, Tag("<tomita>")]
    | Annotated[Dyck1, Tag("<dyck1>")]
    | Annotated[Regex, Tag("<regex>")],
    Discriminator(type_or("contains_any")),
]
