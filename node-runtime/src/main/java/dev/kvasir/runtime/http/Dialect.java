package dev.kvasir.runtime.http;

/** How one of the two generating APIs asks and is answered. */
interface Dialect {

  /** Understands a request, or says which of its fields is wrong. */
  Ask parse(String id, ServedModel model, Fields fields) throws ApiException;

  AnswerShape shape(String id, ServedModel model, Ask ask);
}
