"""Batch normalization of several processes, here threads, beside torch's own over all strings."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import torch
from torch import nn

from nlptrain.torch_nn.batch_norm_across import Across

EMPTY = torch.zeros(0, 3, dtype=torch.float64)


class Sum:
    """Adds up the tensors of some threads, as all_reduce does those of processes."""

    def __init__(self, size):
        self.barrier, self.tensors = Barrier(size), [None] * size

    def of(self, rank):
        def add_up(tensor):
            self.tensors[rank] = tensor.clone()
            self.barrier.wait(60)
            tensor.copy_(sum(self.tensors))
            self.barrier.wait(60)
            return tensor

        return add_up


def slope(count, start):
    """Return ∂L/∂y of rows that begin at a number, arbitrary."""
    return torch.sin(torch.arange(start * 3, (start + count) * 3, dtype=torch.float64)).view(-1, 3)


def run_across(parts, reference):
    """Normalize each part in a thread: outputs, gradients of x, γ and β, running statistics."""
    exchange = Sum(len(parts))
    starts = [sum(map(len, parts[:rank])) for rank in range(len(parts))]

    def run(rank):
        x = parts[rank].clone().requires_grad_()
        weight, bias = (each.detach().clone().requires_grad_() for each in reference.parameters())
        running = torch.zeros(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64)
        across = Across(exchange.of(rank), rank, len(parts))
        y = across.normalize(x, weight, bias, running)
        assert across.outputs == ([y] if sum(map(len, parts)) else [])
        y.backward(slope(len(x), starts[rank]))
        return y.detach(), x.grad, weight.grad, bias.grad, running

    with ThreadPoolExecutor(len(parts)) as pool:
        return list(pool.map(run, range(len(parts))))


@pytest.mark.parametrize("sizes", [(4, 3), (6, 0), (1, 1, 5), (1, 0, 1)])
def test_it_is_torch_s_layer_over_the_strings_of_all(sizes):
    torch.manual_seed(1)
    x = (torch.randn(sum(sizes), 3, dtype=torch.float64) * 3 + 100).requires_grad_()
    reference = nn.BatchNorm1d(3).double()
    with torch.no_grad():
        reference.weight.copy_(torch.tensor([2.0, -0.5, 1.0]))
        reference.bias.copy_(torch.tensor([0.3, 1.0, 0.0]))
    expected = reference(x)
    expected.backward(slope(len(x), 0))
    each = run_across(x.detach().split(sizes), reference)
    y, grad_x, grad_weight, grad_bias, running = zip(*each, strict=True)
    torch.testing.assert_close(torch.cat(y), expected.detach())
    torch.testing.assert_close(torch.cat(grad_x), x.grad)
    torch.testing.assert_close(sum(grad_weight), reference.weight.grad)
    torch.testing.assert_close(sum(grad_bias), reference.bias.grad)
    for mean, variance in running:
        torch.testing.assert_close(mean, reference.running_mean)
        torch.testing.assert_close(variance, reference.running_var)


def test_a_single_position_becomes_the_bias_and_teaches_no_statistics():
    reference = nn.BatchNorm1d(3).double()
    x = torch.full((1, 3), 7.0, dtype=torch.float64)
    (y, grad_x, _, _, running), _ = run_across([x, EMPTY], reference)
    torch.testing.assert_close(y, torch.zeros_like(y))
    torch.testing.assert_close(grad_x, torch.zeros_like(x))
    assert running[0].tolist() == [0, 0, 0]
    assert running[1].tolist() == [1, 1, 1]


def test_without_any_position_no_gradient_reaches_the_parameters():
    for y, _, grad_weight, grad_bias, running in run_across([EMPTY, EMPTY], nn.BatchNorm1d(3)):
        assert y.shape == (0, 3)
        assert (grad_weight, grad_bias) == (None, None)
        assert running[1].tolist() == [1, 1, 1]
