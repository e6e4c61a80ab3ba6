package dev.kvasir.runtime.template;

/** A variable, attribute or item that isn't there: empty as text, an error where it is used. */
record Undefined(String what) {

  TemplateException used(int line) {
    return TemplateException.at(line, what + " is undefined");
  }
}
