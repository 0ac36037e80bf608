"""All tasks, as the one type that a config's `data.task` has."""

from typing import Annotated

from pydantic import Discriminator, Tag

from nlptrain.section import type_or
from nlptrain.tasks.contains_any import ContainsAny
from nlptrain.tasks.position_first import PositionFirst

Task = Annotated[
    Annotated[ContainsAny, Tag("<contains_any>")]
    | Annotated[PositionFirst, Tag("<position_first>")],
    Discriminator(type_or("contains_any")),
]
