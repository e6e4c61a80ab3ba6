package dev.kvasir.runtime.grammar;

/** The types of JSON Schema; an integer is a number too. */
enum JsonType {
  NULL,
  BOOLEAN,
  INTEGER,
  NUMBER,
  STRING,
  ARRAY,
  OBJECT
}
