"""What nlptrain is compared with: a text classifier as a PyTorch tutorial writes it.

    python benchmarks/tutorial.py FOLDER [--no-tensorboard]

nn modules, a Dataset that gives one string at a time, a DataLoader, torch.optim with its own
settings, nothing tuned. As a script it is the plain counterpart of `nlptrain train
configs/rnn.yaml`: it reads train.csv, validation.csv and test.csv (columns text, label) from the
folder, trains the same network as long, looks at the validation strings after each epoch and at
the test strings at the end, logs curves with torch.utils.tensorboard and saves the state_dict.
"""

import argparse
import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

Batch = tuple[Tensor, Tensor, Tensor]


class StringDataset(Dataset):
    """Strings as padded token ids, made once; one string, its length and its class an item."""

    def __init__(
        self, texts: list[str], classes: list[int], vocabulary: dict[str, int], max_length: int
    ) -> None:
        """Look every character up, and pad all strings to one length with 0."""
        self.classes = classes
        self.lengths = [len(text) for text in texts]
        self.ids = []
        for text in texts:
            ids = [vocabulary.get(character, len(vocabulary) + 1) for character in text]
            self.ids.append(torch.tensor(ids + [0] * (max_length - len(ids))))

    def __len__(self) -> int:
        """Count the strings."""
        return len(self.ids)

    def __getitem__(self, index: int) -> tuple[Tensor, int, int]:
        """Give one string."""
        return self.ids[index], self.lengths[index], self.classes[index]


@dataclass(frozen=True)
class Kind:
    """Which network.

    Attributes:
        encoder: pooling, rnn, lstm, gru or cnn.
        embedding_dim: Length of a character's vector.
        hidden_size: Hidden units, or channels.
        kernel_size: Of the convolution.
        readout: mean, max or last.
        outputs: Logits a string.
        loss: mse, bce or cross_entropy.
    """

    encoder: str = "rnn"
    embedding_dim: int = 16
    hidden_size: int = 64
    kernel_size: int = 3
    readout: str = "last"
    outputs: int = 1
    loss: str = "bce"


class StringClassifier(nn.Module):
    """Embedding, encoder, one vector a string, linear head."""

    def __init__(self, kind: Kind, vocabulary_size: int) -> None:
        """Make the layers with torch's own initial values."""
        super().__init__()
        self.kind = kind
        size, hidden = kind.embedding_dim, kind.hidden_size
        self.embedding = nn.Embedding(vocabulary_size, size, padding_idx=0)
        if kind.encoder == "rnn":
            self.encoder = nn.RNN(size, hidden, batch_first=True)
        elif kind.encoder == "lstm":
            self.encoder = nn.LSTM(size, hidden, batch_first=True)
        elif kind.encoder == "gru":
            self.encoder = nn.GRU(size, hidden, batch_first=True)
        elif kind.encoder == "cnn":
            self.encoder = nn.Conv1d(size, hidden, kind.kernel_size, padding="same")
        self.head = nn.Linear(size if kind.encoder == "pooling" else hidden, kind.outputs)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Compute logits (B, outputs) of token ids (B, T)."""
        features = self.embedding(ids)
        if self.kind.encoder in ("rnn", "lstm", "gru"):
            features, _ = self.encoder(features)
        elif self.kind.encoder == "cnn":
            features = torch.relu(self.encoder(features.transpose(1, 2)).transpose(1, 2))
        return self.head(self.read_out(features, ids, lengths))

    def read_out(self, features: Tensor, ids: Tensor, lengths: Tensor) -> Tensor:
        """Make one vector a string of the features at its characters."""
        if self.kind.readout == "last":
            return features[torch.arange(len(features)), lengths - 1]
        mask = (ids != 0).unsqueeze(-1)
        if self.kind.readout == "mean":
            return (features * mask).sum(dim=1) / lengths.unsqueeze(-1)
        return features.masked_fill(~mask, float("-inf")).amax(dim=1)


def find_loss(kind: Kind) -> Callable[[Tensor, Tensor], Tensor]:
    """Give the function of logits (B, outputs) and classes (B,)."""
    if kind.loss == "cross_entropy":
        return nn.CrossEntropyLoss()
    if kind.loss == "bce":
        with_logits = nn.BCEWithLogitsLoss()
        return lambda logits, classes: with_logits(logits.squeeze(1), classes.float())
    mse = nn.MSELoss()
    return lambda logits, classes: mse(torch.sigmoid(logits.squeeze(1)), classes.float())


def count_correct(logits: Tensor, classes: Tensor) -> int:
    """Count the strings whose class is right."""
    predicted = (logits.squeeze(1) > 0).long() if logits.shape[1] == 1 else logits.argmax(dim=1)
    return (predicted == classes).sum().item()


def train_epoch(
    model: StringClassifier,
    loader: Iterable[Batch],
    criterion: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    *,
    max_grad_norm: float | None = None,
    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None,
) -> tuple[list[float], float]:
    """Train on every batch once; give each batch's loss, and the accuracy of all."""
    model.train()
    losses, correct, count = [], 0, 0
    for ids, lengths, classes in loader:
        optimizer.zero_grad()
        logits = model(ids, lengths)
        loss = criterion(logits, classes)
        loss.backward()
        if max_grad_norm is not None:
            nn.utils.clip_grad_norm_(model.parameters(), max_grad_norm)
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        losses.append(loss.item())
        correct += count_correct(logits, classes)
        count += len(classes)
    return losses, correct / count


def evaluate(
    model: StringClassifier, loader: Iterable[Batch], criterion: Callable[[Tensor, Tensor], Tensor]
) -> tuple[float, float]:
    """Give the mean loss and the accuracy."""
    model.eval()
    loss_sum, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for ids, lengths, classes in loader:
            logits = model(ids, lengths)
            loss_sum += criterion(logits, classes).item() * len(classes)
            correct += count_correct(logits, classes)
            count += len(classes)
    return loss_sum / count, correct / count


def read_split(path: Path) -> tuple[list[str], list[int]]:
    """Read strings and classes from a CSV."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], [int(row["label"]) for row in rows]


def main() -> None:
    """Train a network of configs/rnn.yaml's kind for as many epochs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--no-tensorboard", action="store_true")
    arguments = parser.parse_args()
    folder = arguments.folder
    torch.manual_seed(0)

    splits = {name: read_split(folder / f"{name}.csv") for name in ("train", "validation", "test")}
    characters = sorted(set("".join(splits["train"][0])))
    vocabulary = {character: index for index, character in enumerate(characters, start=1)}
    max_length = max(len(text) for texts, _ in splits.values() for text in texts)
    loaders = {
        name: DataLoader(
            StringDataset(texts, classes, vocabulary, max_length),
            batch_size=64,
            shuffle=name == "train",
        )
        for name, (texts, classes) in splits.items()
    }

    kind = Kind()
    model = StringClassifier(kind, len(vocabulary) + 2)
    criterion = find_loss(kind)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    writer = None
    if not arguments.no_tensorboard:
        from torch.utils.tensorboard import SummaryWriter

        writer = SummaryWriter(folder / "logs")

    step, best = 0, float("inf")
    for epoch in range(1, 11):
        losses, accuracy = train_epoch(model, loaders["train"], criterion, optimizer)
        validation_loss, validation_accuracy = evaluate(model, loaders["validation"], criterion)
        print(f"epoch {epoch}: train {accuracy:.4f}, validation {validation_accuracy:.4f}")
        if writer:
            for loss in losses:
                step += 1
                if step % 50 == 0:
                    writer.add_scalar("loss/train", loss, step)
            writer.add_scalar("accuracy/train", accuracy, step)
            writer.add_scalar("loss/validation", validation_loss, step)
            writer.add_scalar("accuracy/validation", validation_accuracy, step)
        if validation_loss < best:
            best = validation_loss
            torch.save(model.state_dict(), folder / "model.pt")

    model.load_state_dict(torch.load(folder / "model.pt", weights_only=True))
    test_loss, test_accuracy = evaluate(model, loaders["test"], criterion)
    print(f"test: loss {test_loss:.6f}, accuracy {test_accuracy:.4f}")
    if writer:
        writer.close()


if __name__ == "__main__":
    main()
