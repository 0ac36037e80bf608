"""The formulas of layers and heads, set once for all pages; a layer's words name its own."""

FORMULAS = {
    "embedding": r"x_t = E[\mathrm{id}_t]",
    "rnn_tanh": r"h_t = \tanh(x_t W_{ih}^\top + b_{ih} + h_{t-1} W_{hh}^\top + b_{hh}),"
    r"\quad h_0 = 0",
    "rnn_relu": r"h_t = \max(x_t W_{ih}^\top + b_{ih} + h_{t-1} W_{hh}^\top + b_{hh},\ 0),"
    r"\quad h_0 = 0",
    "gru": r"\begin{align*}"
    r"r_t, z_t &= \sigma(x_t W_{r,z}^\top + h_{t-1} U_{r,z}^\top + b_{r,z}) \\"
    r"n_t &= \tanh(x_t W_n^\top + b_n + r_t \circ (h_{t-1} U_n^\top + c_n)) \\"
    r"h_t &= (1 - z_t) \circ n_t + z_t \circ h_{t-1}, \quad h_0 = 0"
    r"\end{align*}",
    "lstm": r"\begin{align*}"
    r"i_t, f_t, o_t &= \sigma(x_t W_{i,f,o}^\top + h_{t-1} U_{i,f,o}^\top + b_{i,f,o}) \\"
    r"g_t &= \tanh(x_t W_g^\top + h_{t-1} U_g^\top + b_g) \\"
    r"c_t &= f_t \circ c_{t-1} + i_t \circ g_t, \quad c_0 = 0 \\"
    r"h_t &= o_t \circ \tanh(c_t), \quad h_0 = 0"
    r"\end{align*}",
    "cnn": r"y_t = \sum_k W_k\, x_{s t + d k - p} + b",
    "scaled_sum": r"y = \frac{1}{\sqrt{n}} \sum_{i=1}^{n} v_i",
    "mean_of_ngrams": r"y = \frac{1}{n} \sum_{i=1}^{n} v_i",
    "batch": r"y = \frac{x - \mu}{\sqrt{\sigma^2 + 10^{-5}}}\, \gamma + \beta",
    "layer": r"y = \frac{x - \mu_t}{\sqrt{\sigma_t^2 + 10^{-5}}}\, \gamma + \beta",
    "instance": r"y = \frac{x - \mu_j}{\sqrt{\sigma_j^2 + 10^{-5}}}\, \gamma + \beta",
    "sigmoid": r"y = \frac{1}{1 + e^{-x}}",
    "tanh": r"y = \tanh(x)",
    "relu": r"y = \max(x, 0)",
    "mean": r"y = \frac{1}{T} \sum_{t=1}^{T} h_t",
    "max": r"y_j = \max_t h_{t,j}",
    "last": r"y = h_T",
    "last_of_both": r"y = (\overrightarrow{h}_T,\ \overleftarrow{h}_1)",
    "attention": r"y = \sum_t \alpha_t h_t, \quad "
    r"\alpha_t = \frac{e^{q \cdot h_t}}{\sum_u e^{q \cdot h_u}}",
    "linear": r"y = W x + b",
    "logit": r"z = w \cdot x + b",
    "average": r"z = \frac{1}{M} \sum_{m=1}^{M} z_m",
    "sigmoid_of_logit": r"p = \frac{1}{1 + e^{-z}}",
    "sigmoid_of_calibrated": r"p = \frac{1}{1 + e^{-z / T}}",
    "softmax_of_logit": r"p_c = \frac{e^{z_c}}{\sum_k e^{z_k}}",
    "softmax_of_calibrated": r"p_c = \frac{e^{z_c / T}}{\sum_k e^{z_k / T}}",
}
"""In LaTeX, by name."""


def set_formula(name: str) -> str:
    """Set a formula as MathML, which browsers draw themselves."""
    from latex2mathml.converter import convert

    return convert(FORMULAS[name], display="block")
