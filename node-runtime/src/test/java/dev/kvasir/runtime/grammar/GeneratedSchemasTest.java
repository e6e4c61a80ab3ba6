package dev.kvasir.runtime.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Random answers to random schemas, held against an independent validator. */
class GeneratedSchemasTest {
  private static final int MAX_TOKENS = 3000;

  private static final JsonMapper STRICT =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private static final JsonSchemaFactory VALIDATORS =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

  @Test
  void aSampleModelsAnswersFinishAndAreValid() throws Exception {
    hold(TestingVocabularies.sample(), 1, 1000);
  }

  @Test
  void soDoThoseOfOtherVocabularies() throws Exception {
    hold(TestingVocabularies.byteLevel(), 2, 150);
    hold(TestingVocabularies.sentencePiece(), 3, 150);
    hold(TestingVocabularies.large(20_000, 4), 4, 100);
  }

  @Test
  void theyFinishWithHardlyMoreTokensThanTheShortestTakes() throws Exception {
    Vocabulary vocabulary = TestingVocabularies.sample();
    Grammars grammars = new Grammars(vocabulary);
    for (int seed = 500_000; seed < 500_200; seed++) {
      ObjectNode schema = new TestingSchemas(seed).next();
      String facts = "seed " + seed + ", schema " + schema;
      Grammar grammar = compile(grammars, schema, facts);
      int most = Position.start(grammar.root()).cost() + seed % 7;
      TestingModel.Answer answer = new TestingModel(vocabulary, seed).answer(grammar, most);
      assertTrue(answer.finished(), facts + ", " + most + " tokens, answer " + answer.text());
      requireValid(schema, answer.text(), facts);
    }
  }

  private static void hold(Vocabulary vocabulary, long firstSeed, int count) throws Exception {
    Grammars grammars = new Grammars(vocabulary);
    int finished = 0;
    for (int i = 0; i < count; i++) {
      long seed = firstSeed * 100_000 + i;
      ObjectNode schema = new TestingSchemas(seed).next();
      String facts = "seed " + seed + ", schema " + schema;
      Grammar grammar = compile(grammars, schema, facts);
      TestingModel.Answer answer = new TestingModel(vocabulary, seed).answer(grammar, MAX_TOKENS);
      if (answer.finished()) {
        finished++;
        requireValid(schema, answer.text(), facts);
      }
    }
    assertTrue(finished >= 0.99 * count, finished + " of " + count + " finished");
  }

  private static Grammar compile(Grammars grammars, JsonNode schema, String facts) {
    try {
      return grammars.compile(new GrammarSpec.JsonSchema(schema.toString()));
    } catch (GrammarException e) {
      throw new AssertionError(facts, e);
    }
  }

  static void requireValid(JsonNode schema, String answer, String facts) throws Exception {
    STRICT.readTree(answer);
    SchemaValidatorsConfig config =
        SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();
    JsonSchema validator = VALIDATORS.getSchema(schema, config);
    assertEquals(
        List.of(),
        validator.validate(answer, InputFormat.JSON).stream().map(Object::toString).toList(),
        () -> facts + ", answer " + answer);
  }
}
