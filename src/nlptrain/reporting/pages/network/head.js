// From the string's vector to logits.

function applyLinear(x, arrays) {
  return multiply(x, arrays.weight, arrays.bias);
}

function takePart(x, arrays, { start, size }) {
  return { rows: 1, columns: size, data: x.data.slice(start, start + size) };
}

function average(parts) {
  return mapNumbers(
    parts[0],
    (_, place) => parts.reduce((sum, part) => sum + part.data[place], 0) / parts.length,
  );
}

// The probability of each class; of one logit, those of class 0 and 1.
function toProbabilities(logits, temperature) {
  const calibrated = logits.map((logit) => logit / temperature);
  if (logits.length > 1) return softmax(calibrated);
  const positive = sigmoid(calibrated[0]);
  return Float64Array.of(1 - positive, positive);
}

// With one logit, class 1 from the threshold on; else the most likely, the first among equals.
function chooseClass(probabilities, threshold, isSingle) {
  if (isSingle) return probabilities[1] >= threshold ? 1 : 0;
  return placeOfLargest(probabilities);
}
