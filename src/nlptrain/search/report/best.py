"""`best.yaml`: the settings found as a config that trains as it stands."""

from nlptrain.config.dump import dump_config
from nlptrain.config.run import RunConfig
from nlptrain.search.report.answer import answer_sentences
from nlptrain.search.results import rebuild_config
from nlptrain.search.run import Found
from nlptrain.search.study import objectives_of


def best_config(found: Found) -> RunConfig:
    """Return the config that was trained on fresh seeds; validation chooses its best step alike."""
    config = rebuild_config(found.config, found.chosen)
    if found.chosen.given:
        return config
    update = {"best_by": objectives_of(found.config)[0]}
    return config.model_copy(update={"training": config.training.model_copy(update=update)})


def best_yaml(found: Found) -> str:
    """Write the config, and above it where it comes from and what it scored."""
    path = found.folder / "best.yaml"
    sentences = [
        f"How good are the best settings of a search of {len(found.trials)} trials?",
        f"  nlptrain train {path}",
        "",
        *answer_sentences(found),
        f"Trial {found.chosen.number} of the search in {found.folder}",
    ]
    if found.command is not None:
        sentences.append(f"  {found.command}")
    header = "".join(f"# {line}".rstrip() + "\n" for line in sentences)
    return header + dump_config(best_config(found), without=("search", "comparison"))
