// A string whose characters are coloured by what they contribute.

const MOST_CHARACTERS = 400;

class ColouredString {
  // `look(place)` is called for a character that is clicked.
  constructor(look) {
    this.element = make("p", { class: "string", onclick: ({ target }) => this.find(target, look) });
  }

  // Without values, as long as they are not known, it has no colours.
  show(characters, values = []) {
    const { element } = this;
    const shown = characters.slice(0, MOST_CHARACTERS).map(showCharacter);
    const spans = setChildren(element, shown.length, () => make("span"));
    element.classList.toggle("cut", characters.length > shown.length);
    const scale = scaleOf(values);
    shown.forEach((character, place) => {
      setText(spans[place], character);
      shadeElement(spans[place], values.length ? values[place] / scale : 0);
    });
  }

  find(target, look) {
    const place = Array.from(this.element.children).indexOf(target);
    if (place >= 0) look(place);
  }
}
