"""AdamW by hand: Adam except for one line."""

from nlptrain.numpy_nn.adam import Adam
from nlptrain.numpy_nn.parameters import ParameterVector


class AdamW(Adam):
    """Adam with decoupled weight decay λ (Loshchilov and Hutter 2019, Algorithm 2), as in torch.

    w ← w − α λ w, then Adam's update with the gradient of the loss alone: the decay does not enter
    the running means, nor is it divided by them.
    """

    _decay_is_decoupled = True

    def __init__(
        self,
        parameters: ParameterVector,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(
            parameters, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad
        )
