import pytest
import torch
from torch import nn

from every_kind import NORMALIZATIONS
from nlptrain.torch_nn.layer import real_positions
from nlptrain.torch_nn.normalization import Normalization

LENGTHS = torch.tensor([3, 5, 0, 1])


def make_features():
    """Draw features (4, 5, 2) with anything at pads."""
    torch.manual_seed(0)
    x = torch.randn(4, 5, 2, dtype=torch.float64) * 3 + 1
    return x.requires_grad_()


def make_layer(kind):
    layer = Normalization(kind, 2).double().train()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([2.0, -0.5]))
        layer.bias.copy_(torch.tensor([0.3, 1.0]))
    return layer


def copy_affine(layer, reference):
    with torch.no_grad():
        reference.weight.copy_(layer.weight)
        reference.bias.copy_(layer.bias)
    return reference.double().train()


def run_both(layer, reference, x, lengths):
    """Run ours on the padded batch, the reference on the real positions alone: (N, F) each."""
    real = real_positions(lengths, x.shape[1])
    found = layer(x, lengths, real)[real.squeeze(-1)]
    return found, reference(x[real.squeeze(-1)])


def gradients(output, *inputs):
    """Differentiate an arbitrary function of the outputs."""
    slopes = torch.linspace(-1, 2, output.numel(), dtype=output.dtype).view_as(output)
    return torch.autograd.grad((output * slopes).sin().sum(), inputs)


def test_batch_norm_trains_as_torchs_layer_on_the_real_positions():
    x, layer = make_features(), make_layer("batch")
    reference = copy_affine(layer, nn.BatchNorm1d(2))
    for _ in range(3):
        found, expected = run_both(layer, reference, x, LENGTHS)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(layer.running_mean, reference.running_mean)
    torch.testing.assert_close(layer.running_var, reference.running_var)
    found = gradients(found, x, layer.weight, layer.bias)
    torch.testing.assert_close(found, gradients(expected, x, reference.weight, reference.bias))


def test_batch_norm_evaluates_by_its_running_statistics():
    x, layer = make_features(), make_layer("batch")
    reference = copy_affine(layer, nn.BatchNorm1d(2))
    run_both(layer, reference, x, LENGTHS)
    found, expected = run_both(layer.eval(), reference.eval(), x, LENGTHS)
    torch.testing.assert_close(found, expected)


def test_layer_norm_trains_as_torchs_layer_on_the_real_positions():
    x, layer = make_features(), make_layer("layer")
    reference = copy_affine(layer, nn.LayerNorm(2))
    found, expected = run_both(layer, reference, x, LENGTHS)
    torch.testing.assert_close(found, expected)
    found = gradients(found, x, layer.weight, layer.bias)
    torch.testing.assert_close(found, gradients(expected, x, reference.weight, reference.bias))


@pytest.mark.parametrize("length", [2, 3, 5])
def test_instance_norm_trains_as_torchs_layer_on_the_real_positions(length):
    x, layer = make_features(), make_layer("instance")
    reference = copy_affine(layer, nn.InstanceNorm1d(2, affine=True))
    lengths = torch.full((4,), length)
    found = layer(x, lengths, real_positions(lengths, 5))[:, :length]
    expected = reference(x[:, :length].mT).mT
    torch.testing.assert_close(found, expected)
    found = gradients(found, x, layer.weight, layer.bias)
    torch.testing.assert_close(found, gradients(expected, x, reference.weight, reference.bias))


@pytest.mark.parametrize("kind", NORMALIZATIONS[1:])
def test_full_batch_takes_the_short_way_to_the_same(kind):
    x, short, long = make_features(), make_layer(kind), make_layer(kind)
    lengths = torch.full((4,), 5)
    found, expected = short(x, lengths, None), long(x, lengths, real_positions(lengths, 5))
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(dict(short.named_buffers()), dict(long.named_buffers()))
    found = gradients(found, x, short.weight, short.bias)
    torch.testing.assert_close(found, gradients(expected, x, long.weight, long.bias))


def test_single_position_gives_beta_and_teaches_no_statistics():
    x, layer = make_features(), make_layer("batch")
    lengths = torch.tensor([0, 0, 0, 1])
    found = layer(x, lengths, real_positions(lengths, 5))
    torch.testing.assert_close(found[3, 0], layer.bias)
    assert layer.running_mean.tolist() == [0, 0]
    assert layer.running_var.tolist() == [1, 1]


def test_no_position_at_all_teaches_nothing():
    x, layer = make_features(), make_layer("batch")
    lengths = torch.zeros(4, dtype=torch.int64)
    assert torch.equal(layer(x, lengths, real_positions(lengths, 5)), torch.zeros_like(x))
    assert layer.running_mean.tolist() == [0, 0]


def test_infinite_pads_leave_instance_norms_gradient_finite():
    lengths = torch.tensor([2, 4, 0, 1])
    real = real_positions(lengths, 5)
    x = make_features().detach().masked_fill(~real, torch.inf).requires_grad_()
    layer = make_layer("instance")
    found = layer(x, lengths, real)[real.squeeze(-1)]
    for gradient in gradients(found, x, layer.weight, layer.bias):
        assert torch.isfinite(gradient).all()
