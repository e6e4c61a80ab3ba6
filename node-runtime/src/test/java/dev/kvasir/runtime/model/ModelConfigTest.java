package dev.kvasir.runtime.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runtime.engine.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  @Test
  void bothSpellingsOfRopeMeanTheSame() throws IOException {
    String llama3 =
        "'factor':8.0,'low_freq_factor':1.0,'high_freq_factor':4.0,'original_max_position_embeddings':8192";
    ModelConfig older =
        read("'rope_theta':500000.0,'rope_scaling':{'rope_type':'llama3'," + llama3 + "}");
    ModelConfig newer =
        read("'rope_parameters':{'rope_type':'llama3','rope_theta':500000.0," + llama3 + "}");

    assertEquals(new RopeConfig.Llama3(500000, 8, 1, 4, 8192), rope(older));
    assertEquals(older.layers(), newer.layers());
    assertEquals(
        new RopeConfig.Linear(10000, 4), rope(read("'rope_scaling':{'type':'linear','factor':4}")));
    assertEquals(new RopeConfig.Default(10000), rope(read("'rope_scaling':null")));
  }

  @Test
  void leftOutFieldsHaveTransformersDefaults() throws IOException {
    ModelConfig config = read("'eos_token_id':null");

    assertEquals(16, config.headDim());
    assertEquals(4, config.kvHeads());
    assertEquals(2048, config.longest());
    assertEquals(Set.of(), config.eosTokenIds());
    assertEquals(Set.of(5, 9), read("'eos_token_id':[9,5]").eosTokenIds());
    assertEquals(10, read("'head_dim':10").headDim());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "'architectures':['MixtralForCausalLM'],'model_type':'mixtral'; architecture MixtralForCausalLM (model_type mixtral) is not supported",
        "'hidden_act':'gelu'; hidden_act 'gelu' is not supported",
        "'rope_scaling':{'rope_type':'proportional','factor':4}; rope type 'proportional' is not supported",
        "'rope_scaling':{'rope_type':'linear'}; rope_scaling.factor is missing",
        "'rope_parameters':[1]; rope_parameters must be an object, got [1]",
        "'hidden_size':null; hidden_size is missing",
        "'hidden_size':0; hidden_size must be a whole number of at least 1, got 0",
        "'vocab_size':'many'; vocab_size must be a whole number of at least 1, got \"many\"",
        "'num_hidden_layers':1e99; num_hidden_layers must be a whole number",
        "'hidden_size':66; hidden_size must be a multiple of num_attention_heads = 4",
        "'head_dim':7; head_dim must be even",
        "'num_key_value_heads':3; num_key_value_heads must be a divisor of num_attention_heads = 4",
        "'tie_word_embeddings':1; tie_word_embeddings must be true or false, got 1",
        "'eos_token_id':'</s>'; eos_token_id must be a token id or a list of them",
        "'rms_norm_eps':'small'; rms_norm_eps must be a number",
      })
  void whatCannotBeServedIsNamed(String fields, String message) {
    StartupException refusal = assertThrows(StartupException.class, () -> read(fields));

    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("config.json"), refusal.getMessage());
  }

  @Test
  void aFolderThatIsNoModelIsNamed() throws IOException {
    assertThrows(StartupException.class, () -> ModelConfig.read(directory.resolve("nowhere")));
    assertThrows(StartupException.class, () -> ModelConfig.read(directory));
    Files.writeString(directory.resolve("config.json"), "{\"hidden_size\": ");
    StartupException refusal =
        assertThrows(StartupException.class, () -> ModelConfig.read(directory));
    assertTrue(refusal.getMessage().contains("not valid JSON"), refusal.getMessage());
  }

  @Test
  void generationConfigGivesDefaultsAndSeveralEndTokens() throws IOException {
    Files.writeString(
        directory.resolve("generation_config.json"),
        "{\"eos_token_id\":[1,7],\"temperature\":0.6,\"top_p\":0.9,\"top_k\":20,\"do_sample\":true}");

    GenerationConfig config = GenerationConfig.read(directory);

    assertEquals(Set.of(1, 7), config.eosTokenIds());
    assertEquals(0.6, config.defaults().temperature().getAsDouble());
    assertEquals(0.9, config.defaults().topP().getAsDouble());
    assertEquals(20, config.defaults().topK().getAsInt());
  }

  private static RopeConfig rope(ModelConfig config) {
    return config.layers().getFirst().rope();
  }

  private ModelConfig read(String fields) throws IOException {
    ObjectNode config =
        (ObjectNode)
            JSON.readTree(
                "{\"architectures\":[\"LlamaForCausalLM\"],\"model_type\":\"llama\",\"vocab_size\":100,"
                    + "\"hidden_size\":64,\"intermediate_size\":100,\"num_hidden_layers\":2,\"num_attention_heads\":4}");
    config.setAll((ObjectNode) JSON.readTree("{" + fields.replace('\'', '"') + "}"));
    JSON.writeValue(directory.resolve("config.json").toFile(), config);
    return ModelConfig.read(directory);
  }
}
