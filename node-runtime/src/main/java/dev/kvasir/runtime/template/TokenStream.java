package dev.kvasir.runtime.template;

import dev.kvasir.runtime.template.Token.Kind;
import java.util.List;

/** The parsers' place in the tokens. */
final class TokenStream {
  private final List<Token> tokens;
  private int next;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(next);
  }

  Token peekSecond() {
    return tokens.get(Math.min(next + 1, tokens.size() - 1));
  }

  Token take() {
    Token token = tokens.get(next);
    if (token.kind() != Kind.END) {
      next++;
    }
    return token;
  }

  boolean takeOperator(String operator) {
    return takeIf(peek().isOperator(operator));
  }

  boolean takeName(String name) {
    return takeIf(peek().isName(name));
  }

  private boolean takeIf(boolean matches) {
    if (matches) {
      next++;
    }
    return matches;
  }

  Token expect(Kind kind, String what) {
    Token token = take();
    if (token.kind() != kind) {
      throw TemplateException.at(token.line(), "expected " + what + ", got " + token);
    }
    return token;
  }

  void expectOperator(String operator) {
    Token token = take();
    if (!token.isOperator(operator)) {
      throw TemplateException.at(token.line(), "expected '" + operator + "', got " + token);
    }
  }

  void expectName(String name) {
    Token token = take();
    if (!token.isName(name)) {
      throw TemplateException.at(token.line(), "expected '" + name + "', got " + token);
    }
  }

  int position() {
    return next;
  }

  /** Whether a token since that position is this name. */
  boolean named(int since, String name) {
    return tokens.subList(since, next).stream().anyMatch(token -> token.isName(name));
  }

  int line() {
    return peek().line();
  }
}
