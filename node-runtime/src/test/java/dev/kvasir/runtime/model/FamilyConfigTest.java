package dev.kvasir.runtime.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runtime.device.Activation;
import dev.kvasir.runtime.engine.StartupException;
import dev.kvasir.runtime.scheduler.RotationRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each family's config.json means, in both spellings. */
class FamilyConfigTest {
  private static final String SIZES =
      "'vocab_size':100,'hidden_size':64,'intermediate_size':100,'num_hidden_layers':4,'num_attention_heads':4,'num_key_value_heads':2,";

  @TempDir Path directory;

  @Test
  void windowsComeFromTheFamilysRuleOrFromTheList() throws IOException {
    assertWindows("'model_type':'mistral','sliding_window':64", 64, 64, 64, 64);
    assertWindows("'model_type':'mistral','sliding_window':null", 0, 0, 0, 0);
    assertWindows("'model_type':'mistral'", 4096, 4096, 4096, 4096);
    assertWindows("'model_type':'qwen2','sliding_window':64,'max_window_layers':1", 0, 0, 0, 0);
    assertWindows(
        "'model_type':'qwen3','use_sliding_window':true,'sliding_window':64,'max_window_layers':3",
        0,
        0,
        0,
        64);
    assertWindows("'model_type':'gemma2','sliding_window':32", 32, 0, 32, 0);
    assertWindows(
        "'model_type':'gemma3_text','sliding_window':32,'sliding_window_pattern':2", 32, 0, 32, 0);
    assertWindows(
        "'model_type':'gemma2','sliding_window':32,'layer_types':['full_attention','full_attention','sliding_attention','full_attention']",
        0,
        0,
        32,
        0);
    // No sequence is longer.
    assertWindows(
        "'model_type':'phi3','max_position_embeddings':100,'sliding_window':100", 0, 0, 0, 0);
  }

  @Test
  void gemma3HasTwoRotaryEmbeddingsInEitherSpelling() throws IOException {
    String sizes = "'model_type':'gemma3_text','sliding_window_pattern':2,";
    ModelConfig older =
        read(
            sizes
                + "'rope_theta':500.0,'rope_local_base_freq':70.0,'rope_scaling':{'rope_type':'linear','factor':8.0}");
    ModelConfig newer =
        read(
            sizes
                + "'rope_parameters':{'full_attention':{'rope_type':'linear','rope_theta':500.0,'factor':8.0},'sliding_attention':{'rope_type':'default','rope_theta':70.0}}");

    assertEquals(older.layers(), newer.layers());
    assertEquals(new RopeConfig.Default(70), older.layers().get(0).rope());
    assertEquals(new RopeConfig.Linear(500, 8), older.layers().get(1).rope());
    assertEquals(131072, older.longest());
    ModelConfig bare = read("'model_type':'gemma3_text'");
    assertEquals(new RopeConfig.Default(10_000), bare.layers().get(0).rope());
  }

  @Test
  void ofAGemma3WithImagesTheTextPartIsRead() throws IOException {
    ModelConfig config =
        read(
            "'model_type':'gemma3','architectures':['Gemma3ForConditionalGeneration'],'eos_token_id':[1,106],'vision_config':{'hidden_size':8},"
                + "'text_config':{'model_type':'gemma3_text','hidden_size':128,'intermediate_size':50,'num_hidden_layers':2}");

    assertEquals("language_model.", config.tensorPrefix());
    assertEquals(128, config.hiddenSize());
    assertEquals(262208, config.vocabularySize());
    assertEquals(Set.of(1, 106), config.eosTokenIds());
  }

  @Test
  void gemmasDefaultsAreTransformers() throws IOException {
    ModelConfig config = read("'model_type':'gemma2'");

    assertEquals(256, config.headDim());
    assertEquals(1 / 16f, config.scoreScale());
    assertEquals(50, config.scoreSoftcap());
    assertEquals(30, config.logitSoftcap());
    assertEquals(8, config.embeddingScale());
    assertEquals(Activation.GELU_TANH, config.activation());
    assertTrue(config.tiedEmbeddings());
    assertEquals(0, read("'model_type':'gemma2','attn_logit_softcapping':null").scoreSoftcap());
  }

  @Test
  void biasesAreWhereTheFamilyHasThem() throws IOException {
    ModelConfig qwen2 = read("'model_type':'qwen2'");
    assertTrue(qwen2.qkvBias() && !qwen2.outputBias() && !qwen2.mlpBias());
    ModelConfig qwen3 = read("'model_type':'qwen3','attention_bias':true");
    assertTrue(qwen3.qkvBias() && qwen3.outputBias() && !qwen3.mlpBias());
    long qwen3Layer = 4L * 100 * 64 * 3 + 4L * (128 * 64 * 12);
    assertEquals(
        qwen3Layer + 4 * (8L * 128 + 64 + 2 * 64 + 2 * 128) + 2L * 100 * 64 + 64,
        qwen3.parameters());
  }

  @Test
  void longropeIsReadUnderItsOldNamesToo() throws IOException {
    String sizes =
        "'model_type':'phi3','max_position_embeddings':4096,'original_max_position_embeddings':1024,'partial_rotary_factor':0.25,";
    String factors = "'short_factor':[1,1.5],'long_factor':[2,4]}";
    ModelConfig older = read(sizes + "'rope_scaling':{'type':'su'," + factors);
    ModelConfig newer =
        read(
            sizes
                + "'rope_parameters':{'rope_type':'longrope','rope_theta':10000.0,'original_max_position_embeddings':1024,"
                + factors);

    double attention = Math.sqrt(1 + Math.log(4) / Math.log(1024));
    assertEquals(
        new RopeConfig.LongRope(
            10_000, List.of(1.0, 1.5), List.of(2.0, 4.0), 1024, attention, true),
        older.layers().getFirst().rope());
    assertEquals(older.layers(), newer.layers());
    assertEquals(4, older.rotaryDimensions());
    assertEquals(new RotationRule(RotationRule.Kind.SWITCH_ALL, 1024), older.rotation());
  }

  @Test
  void yarnAndDynamicSayHowLongASequenceMayBe() throws IOException {
    ModelConfig yarn =
        read(
            "'model_type':'qwen2','max_position_embeddings':100,'rope_scaling':{'type':'yarn','factor':4.0,'original_max_position_embeddings':100}");
    assertEquals(400, yarn.longest());
    ModelConfig dynamic =
        read(
            "'model_type':'qwen2','max_position_embeddings':100,'rope_scaling':{'type':'dynamic','factor':16.0}");
    assertEquals(1600, dynamic.longest());
    assertEquals(new RotationRule(RotationRule.Kind.PER_LENGTH, 100), dynamic.rotation());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "'model_type':'qwen3_moe','architectures':['Qwen3MoeForCausalLM']; architecture Qwen3MoeForCausalLM (model_type qwen3_moe) is not supported",
        "'model_type':'qwen2','architectures':['Qwen2ForSequenceClassification']; architecture Qwen2ForSequenceClassification",
        "'model_type':'llama','sliding_window':8; sliding_window is not supported in a LlamaForCausalLM",
        "'model_type':'mistral','attention_bias':true; attention_bias is not supported in a MistralForCausalLM",
        "'model_type':'mistral','sliding_window':8,'layer_types':['full_attention','full_attention','full_attention','full_attention']; layer_types differ",
        "'model_type':'gemma2','layer_types':['full_attention']; layer_types must be a list of num_hidden_layers = 4",
        "'model_type':'qwen2','layer_types':['linear_attention','full_attention','full_attention','full_attention']; layer_types: 'linear_attention' is not supported",
        "'model_type':'qwen2','layer_types':['sliding_attention','full_attention','full_attention','full_attention']; use_sliding_window is not true",
        "'model_type':'gemma3_text','use_bidirectional_attention':true; use_bidirectional_attention is not supported",
        "'model_type':'gemma3_text','attn_logit_softcapping':50.0; attn_logit_softcapping is not supported in a Gemma3ForCausalLM",
        "'model_type':'gemma3_text','rope_parameters':{'rope_type':'linear','factor':2.0}; rope_parameters must be an object with full_attention and sliding_attention",
        "'model_type':'gemma3_text','head_dim':4,'sliding_window_pattern':2,'rope_parameters':{'full_attention':{'rope_type':'dynamic','factor':2.0},'sliding_attention':{'rope_type':'longrope','short_factor':[1,1],'long_factor':[2,2],'factor':2.0,'original_max_position_embeddings':64}}; rope_parameters must be the same in all layers where they depend on the length",
        "'model_type':'gemma2','hidden_activation':'gelu'; hidden_activation 'gelu' is not supported",
        "'model_type':'llama','num_local_experts':8; num_local_experts is not supported",
        "'model_type':'llama','partial_rotary_factor':0.5; partial_rotary_factor 0.5 is not supported",
        "'model_type':'llama','rope_scaling':{'type':'linear','factor':2.0,'mrope_section':[1,2]}; rope_scaling.mrope_section = [1,2] is not supported",
        "'model_type':'llama','rope_scaling':{'type':'linear','factor':0.5}; rope_scaling.factor must be a number of at least 1, got 0.5",
        "'model_type':'phi3','rope_scaling':{'type':'longrope','short_factor':[1],'long_factor':[1]}; rope_scaling.short_factor must be a list of 8 positive numbers",
        "'model_type':'qwen2','use_sliding_window':'yes'; use_sliding_window must be true or false",
      })
  void whatIsNotUnderstoodIsRefused(String fields, String message) {
    StartupException refusal = assertThrows(StartupException.class, () -> read(fields));

    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("config.json"), refusal.getMessage());
  }

  @Test
  void anAdapterIsRefusedByName() throws IOException {
    Files.writeString(directory.resolve("adapter_config.json"), "{}");
    StartupException refusal =
        assertThrows(StartupException.class, () -> ModelConfig.read(directory));

    assertTrue(refusal.getMessage().contains("LoRA adapters are not supported"));
  }

  private void assertWindows(String fields, int... windows) throws IOException {
    assertArrayEquals(windows, read(fields).windows(), fields);
  }

  private ModelConfig read(String fields) throws IOException {
    String json = ("{" + SIZES + fields + "}").replace('\'', '"');
    Files.writeString(
        directory.resolve("config.json"), new ObjectMapper().readTree(json).toString());
    return ModelConfig.read(directory);
  }
}
