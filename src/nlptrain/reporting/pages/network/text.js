// From a string to token ids, as in training: normal form, lower case, white space, length, ids.
// Characters are code points, never halves of one: a string is taken apart by its iterator.

function normalizeText(text, settings) {
  const convert = (given) => (settings.unicode === "none" ? given : given.normalize(settings.unicode));
  let read = convert(text);
  // Again after lower case: some small letters have one code point where their capitals need two.
  if (settings.lowercase) read = convert(read.toLowerCase());
  return settings.strip ? stripSpaces(read, settings.spaces) : read;
}

// Not trim(), whose white space is another set.
function stripSpaces(text, spaces) {
  let begin = 0;
  let end = text.length;
  while (begin < end && spaces.includes(text[begin])) begin++;
  while (end > begin && spaces.includes(text[end - 1])) end--;
  return text.slice(begin, end);
}

// Returns the characters as read, whether each is unknown, the token ids with the marks of the
// string's ends, if the network reads them, and the number of characters before cutting.
function readText(text, settings) {
  const whole = Array.from(normalizeText(text, settings));
  const characters = settings.maxLength === null ? whole : whole.slice(0, settings.maxLength);
  const marks = settings.boundaries ? 2 : 0;
  const unknownId = settings.numbers.size + marks + 1;
  const inside = characters.map((character) => settings.numbers.get(character) ?? unknownId);
  const begin = settings.numbers.size + 1;
  return {
    characters,
    unknown: inside.map((id) => id === unknownId),
    ids: settings.boundaries ? [begin, ...inside, begin + 1] : inside,
    lengthBeforeCut: whole.length,
  };
}

// Token ids by character: 0 is for padding, so the first character has 1.
function numberCharacters(characters) {
  return new Map(Array.from(characters, (character, place) => [character, place + 1]));
}
