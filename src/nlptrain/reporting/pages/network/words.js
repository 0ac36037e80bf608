// The page's language, and its sentences with values put in.

const LANGUAGES = { en: ENGLISH, zh: CHINESE };

function setLanguage(name) {
  document.documentElement.lang = name;
}

function otherLanguage() {
  return document.documentElement.lang === "en" ? "zh" : "en";
}

function say(key, values = {}) {
  const words = LANGUAGES[document.documentElement.lang][key];
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function count(number) {
  return number.toLocaleString("en");
}
