"""Lion, the schedule-free ones and Muon against their authors' or other published code."""

import copy

import pytest
import schedulefree
import torch
from lion_pytorch import Lion as PublishedLion

from nlptrain.torch_nn.lion import Lion
from nlptrain.torch_nn.muon import Muon, orthogonalize
from nlptrain.torch_nn.schedule_free import AdamWScheduleFree, ScheduleFree, SGDScheduleFree

STEPS = 50
SHAPES = {"embedding": (5, 3), "gates": (8, 3), "kernel": (4, 3, 2), "wide": (2, 6), "bias": (4,)}
MATRICES = {"gates": 2, "kernel": 1, "wide": 1, "never": 1}
LION_OPTIONS = [
    {},
    {"lr": 0.05, "betas": (0.5, 0.9)},
    {"lr": 0.01, "betas": (0.9, 0.5), "weight_decay": 0.5},
]
FREE_OPTIONS = [
    (schedulefree.SGDScheduleFree, SGDScheduleFree, {"lr": 0.1}),
    (schedulefree.SGDScheduleFree, SGDScheduleFree, {"lr": 0.5, "momentum": 0.5}),
    (
        schedulefree.SGDScheduleFree,
        SGDScheduleFree,
        {"lr": 0.1, "momentum": 0.8, "weight_decay": 0.3, "warmup_steps": 12},
    ),
    (schedulefree.AdamWScheduleFree, AdamWScheduleFree, {}),
    (schedulefree.AdamWScheduleFree, AdamWScheduleFree, {"lr": 0.1, "betas": (0.5, 0.9)}),
    (
        schedulefree.AdamWScheduleFree,
        AdamWScheduleFree,
        {
            "lr": 0.05,
            "betas": (0.8, 0.7),
            "eps": 1e-2,
            "weight_decay": 0.3,
            "warmup_steps": 12,
        },
    ),
]
MUON_OPTIONS = [
    {},
    {"lr": 0.02, "momentum": 0.5, "nesterov": False, "weight_decay": 0.5},
    {"adjust_lr_fn": "original", "ns_steps": 2, "eps": 30.0},
]
ADAMW_OPTIONS = {"betas": (0.8, 0.7), "eps": 1e-2, "weight_decay": 0.3}


def make_weights(dtype=torch.float64, shapes=SHAPES):
    generator = torch.Generator().manual_seed(0)
    return {
        name: torch.nn.Parameter(torch.randn(shape, generator=generator, dtype=dtype))
        for name, shape in shapes.items()
    }


def set_gradients(weights, step):
    """Gradients that depend on the weights and differ in size; `bias` never has one."""
    for index, (name, weight) in enumerate(weights.items()):
        size = 10.0**-index * (1 + step % 3)
        weight.grad = None if name == "bias" else size * torch.sin(3 * weight.detach() + step)


def train(weights, optimizers, steps=STEPS, start=0, lrs=None):
    for step in range(start, start + steps):
        set_gradients(weights, step)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] *= 0.98 if lrs else 1
            optimizer.step()
    return weights


def check(found, expected, tolerance=1e-12):
    torch.testing.assert_close(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize("options", LION_OPTIONS, ids=str)
def test_lion_equals_the_published_one(options, falling):
    weights, expected = make_weights(), make_weights()
    train(weights, [Lion(weights.values(), **options)], lrs=falling)
    train(expected, [PublishedLion(expected.values(), **options)], lrs=falling)
    check(weights, expected)
    assert torch.equal(weights["bias"], make_weights()["bias"])


@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize(("published", "kind", "options"), FREE_OPTIONS)
def test_schedule_free_equals_its_authors(published, kind, options, falling):
    weights, expected = make_weights(), make_weights()
    optimizer = kind(weights.values(), **options)
    reference = published(expected.values(), foreach=False, **options)
    reference.train()
    train(weights, [optimizer], lrs=falling)
    train(expected, [reference], lrs=falling)
    check(weights, expected)
    reference.eval()
    for name, weight in weights.items():
        average = optimizer.average(weight)
        check(weight if average is None else average, expected[name])
    assert optimizer.average(weights["bias"]) is None


@pytest.mark.parametrize(("published", "kind", "options"), FREE_OPTIONS)
def test_schedule_free_goes_with_its_authors_in_float32(published, kind, options):
    weights, expected = make_weights(torch.float32), make_weights(torch.float32)
    reference = published(expected.values(), foreach=False, **options)
    reference.train()
    train(weights, [kind(weights.values(), **options)], 20)
    check(weights, train(expected, [reference], 20), 2e-5)


def test_schedule_free_counts_the_steps_of_each_parameter():
    options = {"lr": 0.1, "warmup_steps": 5, "weight_decay": 0.1}
    weights, expected = make_weights(), make_weights()
    optimizer = AdamWScheduleFree(weights.values(), **options)
    # An optimizer for each, which does nothing at a step without a gradient.
    references = {
        name: schedulefree.AdamWScheduleFree([each], foreach=False, **options)
        for name, each in expected.items()
    }
    for step in range(20):
        for each in (weights, expected):
            set_gradients(each, step)
            if step % 3 == 0:
                each["gates"].grad = None
        optimizer.step()
        for name, reference in references.items():
            reference.train()
            if expected[name].grad is not None:
                reference.step()
    check(weights, expected)


@pytest.mark.parametrize("options", MUON_OPTIONS, ids=str)
def test_muon_is_torchs_in_full_precision_beside_adamw(options, monkeypatch):
    # PyTorch's rounds to bfloat16, which would hide anything below 1 %.
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)
    weights, expected = make_weights(), make_weights()
    ours = {f"adamw_{key}": value for key, value in ADAMW_OPTIONS.items()}
    optimizer = Muon(weights.items(), matrices=MATRICES, adamw_factor=0.5, **ours, **options)
    # Matrices as PyTorch's takes them: two gates, and a kernel laid flat.
    upper, lower = (
        torch.nn.Parameter(half.detach().clone()) for half in expected["gates"].chunk(2)
    )
    kernel = torch.nn.Parameter(expected["kernel"].detach().reshape(4, 6).clone())
    options = {"lr": 1e-3, "adjust_lr_fn": "match_rms_adamw", **options}
    reference = torch.optim.Muon([upper, lower, kernel, expected["wide"]], **options)
    adamw = torch.optim.AdamW(
        [expected["embedding"], expected["bias"]], lr=options["lr"] / 2, **ADAMW_OPTIONS
    )
    for step in range(STEPS):
        set_gradients(weights, step)
        set_gradients(expected, step)
        upper.grad, lower.grad = weights["gates"].grad.chunk(2)
        kernel.grad = weights["kernel"].grad.reshape(4, 6)
        for each in (optimizer, reference, adamw):
            each.step()
        check(weights["gates"], torch.cat([upper, lower]))
        check(weights["kernel"], kernel.reshape(4, 3, 2))
    for name in ("embedding", "wide", "bias"):
        check(weights[name], expected[name])


def test_muon_is_torchs_but_for_the_rounding_to_bfloat16():
    weights, expected = make_weights(torch.float32), make_weights(torch.float32)
    matrices = {"embedding": 1, "wide": 1}
    pair = {name: weights[name] for name in matrices}
    optimizer = Muon(pair.items(), 0.1, matrices=matrices, adjust_lr_fn="original")
    others = [expected[name] for name in matrices]
    reference = torch.optim.Muon(others, lr=0.1)
    set_gradients(weights, 0)
    set_gradients(expected, 0)
    optimizer.step()
    reference.step()
    for name in matrices:
        check(weights[name], expected[name], 0.01)


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 4), (1, 3), (2, 7, 2)])
def test_orthogonalizing_keeps_the_singular_vectors(shape):
    matrices = torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    found = orthogonalize(matrices, 5, 1e-7)
    u, _, v = torch.linalg.svd(matrices, full_matrices=False)
    inner = u.mT @ found @ v.mT
    values = inner.diagonal(dim1=-2, dim2=-1)
    check(inner, torch.diag_embed(values))
    assert ((values > 0.6) & (values < 1.3)).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda weights: Lion(weights.values(), lr=0.01, weight_decay=0.1),
        lambda weights: SGDScheduleFree(weights.values(), lr=0.1, warmup_steps=8),
        lambda weights: AdamWScheduleFree(weights.values(), lr=0.1, warmup_steps=8),
        lambda weights: Muon(weights.items(), matrices=MATRICES),
    ],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_saved_in_the_middle_it_goes_on_bit_for_bit(make, dtype):
    weights = make_weights(dtype)
    optimizer = make(weights)
    train(weights, [optimizer], 10)
    others = {name: torch.nn.Parameter(each.detach().clone()) for name, each in weights.items()}
    restored = make(others)
    restored.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    train(weights, [optimizer], 10, start=10)
    train(others, [restored], 10, start=10)
    assert all(torch.equal(weights[name], others[name]) for name in weights)


def take_a_step(optimizer, weight, gradient):
    weight.grad = torch.tensor([gradient], dtype=torch.float64)
    optimizer.step()
    return weight.item()


def make_weight(value):
    return torch.nn.Parameter(torch.tensor([value], dtype=torch.float64))


def test_lion_on_paper():
    weight = make_weight(2.0)
    optimizer = Lion([weight], lr=0.1, betas=(0.75, 0.5), weight_decay=0.5)
    # 2 (1 − 0.05) − 0.1; m = 0.5 · 4.
    assert take_a_step(optimizer, weight, 4.0) == pytest.approx(1.8)
    # 0.75 · 2 − 0.25 · 5 > 0, so down again; m = 1 − 2.5.
    assert take_a_step(optimizer, weight, -5.0) == pytest.approx(1.8 * 0.95 - 0.1)
    assert optimizer.state[weight]["exp_avg"].item() == pytest.approx(-1.5)


def test_schedule_free_sgd_on_paper():
    weight = make_weight(1.0)
    optimizer = SGDScheduleFree([weight], lr=0.1, momentum=0.5)
    # z = 1 − 0.2, and x = z after the first step, so y too.
    assert take_a_step(optimizer, weight, 2.0) == pytest.approx(0.8)
    # z = 0.8 − 0.4, x = (0.8 + 0.4) / 2, y between them.
    assert take_a_step(optimizer, weight, 4.0) == pytest.approx(0.5)
    assert optimizer.average(weight).item() == pytest.approx(0.6)


def test_warm_up_weighs_the_average_by_the_square_of_the_step_size():
    weight = make_weight(0.0)
    optimizer = SGDScheduleFree([weight], lr=1.0, momentum=0.5, warmup_steps=2)
    take_a_step(optimizer, weight, 1.0)  # z = x = −0.5
    take_a_step(optimizer, weight, 1.0)  # z = −1.5, with weight 1 beside 0.25
    assert optimizer.average(weight).item() == pytest.approx((0.25 * -0.5 - 1.5) / 1.25)


def test_schedule_free_adamw_on_paper():
    weight = make_weight(1.0)
    optimizer = AdamWScheduleFree([weight], lr=0.1, betas=(0.5, 0.75), eps=1.0, weight_decay=0.5)
    # v̂ = 2², d = 2 / (2 + 1) + 0.5.
    assert take_a_step(optimizer, weight, 2.0) == pytest.approx(1 - 0.1 * (2 / 3 + 0.5))


def test_muon_of_one_number_on_paper():
    weight = torch.nn.Parameter(torch.tensor([[2.0]], dtype=torch.float64))
    options = {"ns_steps": 0, "weight_decay": 0.5, "momentum": 0.5, "matrices": {"w": 1}}
    optimizer = Muon([("w", weight)], 0.1, **options)
    weight.grad = torch.tensor([[-3.0]], dtype=torch.float64)
    optimizer.step()
    # Without iterations, the direction is divided by its norm alone: 2 (1 − 0.05) + 0.1 · 0.2.
    assert weight.item() == pytest.approx(1.92)


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (Lion, {"betas": (1.0, 0.9)}),
        (Lion, {"lr": -1.0}),
        (Lion, {"weight_decay": -1.0}),
        (SGDScheduleFree, {"momentum": 0.0}),
        (SGDScheduleFree, {"warmup_steps": -1}),
        (AdamWScheduleFree, {"betas": (0.0, 0.9)}),
        (AdamWScheduleFree, {"eps": -1.0}),
        (lambda weights, **each: Muon(enumerate(weights), matrices={}, **each), {"momentum": -1.0}),
    ],
)
def test_option_out_of_range_is_refused(make, options):
    with pytest.raises(ValueError, match=r"[Ii]nvalid|between"):
        make([make_weight(1.0)], **options)


@pytest.mark.parametrize("kind", [AdamWScheduleFree, SGDScheduleFree])
def test_of_torch_only_the_base_class_is_inherited(kind):
    assert issubclass(kind, ScheduleFree)
    of_torch = [each for each in kind.__mro__ if each.__module__.startswith("torch.")]
    assert of_torch == [torch.optim.Optimizer]
