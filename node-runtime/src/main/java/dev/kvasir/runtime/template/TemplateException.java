package dev.kvasir.runtime.template;

/** A template that can't be parsed or rendered; the message names the line and the construct. */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TemplateException(String message) {
    super(message);
  }

  static TemplateException at(int line, String message) {
    return new TemplateException("line " + line + ": " + message);
  }
}
