package dev.kvasir.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runtime.engine.EngineOptions.DeviceChoice;
import dev.kvasir.runtime.engine.EngineOptions.KvCacheType;
import dev.kvasir.runtime.engine.EngineOptions.LoadFormat;
import dev.kvasir.runtime.engine.EngineOptions.QuantizationChoice;
import dev.kvasir.runtime.engine.EngineOptions.WeightType;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineStarterTest {
  private static final Path MODEL = Path.of("src/test/resources/checkpoints/llama-biased");
  private static final Path TIED = Path.of("src/test/resources/checkpoints/llama-tied");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  @Test
  void inspectionCountsWhatTheFilesHold() {
    EngineStarter.Inspection found = EngineStarter.inspect(EngineOptions.defaults(MODEL));

    assertEquals("LlamaForCausalLM", found.model().architecture());
    assertEquals(2 * found.model().parameters(), found.model().weightBytes());
    assertEquals("bf16", found.model().weightType());
    // Two layers, keys and values, two heads of 24, four bytes.
    assertEquals(2 * 2 * 2 * 24 * 4, found.memory().kvBytesPerToken());
    assertEquals(512, found.memory().maxModelLen());
    // No more blocks than 256 sequences of full length can use.
    assertEquals(256 * 512 / 16, found.memory().kvBlocks());
  }

  @Test
  void theLongestSequenceIsBoundedByThePool() {
    Flags flags = new Flags(MODEL);
    flags.kvBytes = OptionalLong.of(16 * 768 * 11);

    MemoryPlan memory = EngineStarter.inspect(flags.options()).memory();

    assertEquals(10, memory.kvBlocks());
    assertEquals(160, memory.maxModelLen());
    flags.maxModelLen = OptionalInt.of(200);
    assertRefused(flags, "--max-model-len 200 needs 13 KV blocks of 16 tokens, the pool has 10");
    flags.kvBytes = OptionalLong.of(1000);
    assertRefused(
        flags,
        "--kv-cache-memory-bytes 1000: the smallest KV cache, two blocks of each group, takes"
            + " 24576");
  }

  @Test
  void whatTheMachineCannotHoldIsRefusedWithTheArithmetic() {
    Flags flags = new Flags(MODEL);
    flags.batchedTokens = OptionalInt.of(100_000_000);
    StartupException heap =
        assertThrows(StartupException.class, () -> EngineStarter.start(flags.options()));
    assertTrue(heap.getMessage().contains("--max-num-batched-tokens"), heap.getMessage());

    flags.batchedTokens = OptionalInt.empty();
    flags.kvBlocks = OptionalInt.of(100_000_000);
    StartupException kv =
        assertThrows(StartupException.class, () -> EngineStarter.start(flags.options()));
    assertTrue(kv.getMessage().contains("KV cache 1171875 MB"), kv.getMessage());
  }

  @Test
  void whatIsNotThereYetIsRefusedByName() {
    assertRefused(flags -> flags.device = DeviceChoice.CUDA, "--device cuda");
    assertRefused(flags -> flags.weightType = WeightType.FLOAT16, "--dtype float16");
    assertRefused(flags -> flags.blockSize = 8, "--block-size 8");
    assertRefused(
        flags -> flags.maxModelLen = OptionalInt.of(513),
        "--max-model-len 513: the model's max_position_embeddings is 512");
  }

  @Test
  void aTensorOfTheWrongShapeIsNamedWithBothShapes() throws IOException {
    copy(TIED, config -> config.put("intermediate_size", 51));

    StartupException refusal = assertThrows(StartupException.class, this::startCopy);

    assertTrue(
        refusal
            .getMessage()
            .contains(
                "tensor 'model.layers.0.mlp.gate_proj.weight' has shape [50, 36], config.json asks"
                    + " for [51, 36]"),
        refusal.getMessage());
    assertTrue(refusal.getMessage().contains("model.safetensors"), refusal.getMessage());
  }

  @Test
  void aMissingTensorIsNamed() throws IOException {
    copy(TIED, config -> config.put("num_hidden_layers", 3));

    StartupException refusal = assertThrows(StartupException.class, this::startCopy);

    assertTrue(
        refusal
            .getMessage()
            .contains("tensor 'model.layers.2.input_layernorm.weight' of shape [36] is missing"),
        refusal.getMessage());
  }

  @Test
  void aMissingShardIsNamed() throws IOException {
    copy(MODEL, config -> {});
    Files.delete(directory.resolve("model-00002-of-00004.safetensors"));

    StartupException refusal = assertThrows(StartupException.class, this::startCopy);

    assertTrue(
        refusal.getMessage().contains("model-00002-of-00004.safetensors"), refusal.getMessage());
  }

  @Test
  void anIndexThatLeadsOutOfTheModelIsRefused() throws IOException {
    copy(MODEL, config -> {});
    Path index = directory.resolve("model.safetensors.index.json");
    Files.writeString(
        index, "{\"weight_map\":{\"model.norm.weight\":\"../../secret.safetensors\"}}");

    StartupException refusal = assertThrows(StartupException.class, this::startCopy);

    assertTrue(refusal.getMessage().contains("not a plain .safetensors"), refusal.getMessage());
  }

  @Test
  void dummyWeightsNeedOnlyTheConfig() throws Exception {
    Files.copy(MODEL.resolve("config.json"), directory.resolve("config.json"));
    Flags flags = new Flags(directory);
    flags.loadFormat = LoadFormat.DUMMY;

    try (StartedEngine started = EngineStarter.start(flags.options())) {
      GenerationRequest request =
          new GenerationRequest("r", new int[] {3, 4}, SamplingParameters.greedy(), 5, Set.of());
      assertEquals(5, Reference.collect(started.engine().submit(request)).size());
    }
  }

  @Test
  void convertedWeightsAnswerLikeTheStoredOnes() throws Exception {
    Flags flags = new Flags(MODEL);
    flags.weightType = WeightType.FLOAT32;
    Reference reference = Reference.read(MODEL.resolve("reference.json"));
    try (StartedEngine started = EngineStarter.start(flags.options())) {
      for (Reference.Case wanted : reference.cases()) {
        Reference.Verdict verdict =
            Reference.judge(
                wanted, Reference.collect(started.engine().submit(wanted.request("r"))));
        assertEquals(null, verdict.objection());
      }
    }
  }

  private void startCopy() {
    EngineStarter.start(EngineOptions.defaults(directory)).close();
  }

  private void copy(Path model, Consumer<ObjectNode> change) throws IOException {
    try (Stream<Path> files = Files.list(model)) {
      for (Path file : files.toList()) {
        Files.copy(file, directory.resolve(file.getFileName().toString()));
      }
    }
    ObjectNode config = (ObjectNode) JSON.readTree(directory.resolve("config.json").toFile());
    change.accept(config);
    JSON.writeValue(directory.resolve("config.json").toFile(), config);
  }

  private static void assertRefused(Consumer<Flags> change, String message) {
    Flags flags = new Flags(MODEL);
    change.accept(flags);
    assertRefused(flags, message);
  }

  private static void assertRefused(Flags flags, String message) {
    StartupException refusal =
        assertThrows(StartupException.class, () -> EngineStarter.inspect(flags.options()));
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }

  /** Options that a test changes one at a time. */
  private static final class Flags {
    final Path model;
    DeviceChoice device = DeviceChoice.AUTO;
    OptionalInt maxModelLen = OptionalInt.empty();
    int blockSize = 16;
    OptionalLong kvBytes = OptionalLong.empty();
    KvCacheType kvCacheType = KvCacheType.AUTO;
    WeightType weightType = WeightType.AUTO;
    QuantizationChoice quantization = QuantizationChoice.AUTO;
    LoadFormat loadFormat = LoadFormat.AUTO;
    boolean prefixCaching = true;
    OptionalInt batchedTokens = OptionalInt.empty();
    OptionalInt kvBlocks = OptionalInt.empty();

    Flags(Path model) {
      this.model = model;
    }

    EngineOptions options() {
      return new EngineOptions(
          model,
          device,
          maxModelLen,
          256,
          batchedTokens,
          blockSize,
          1024,
          kvBytes,
          kvBlocks,
          kvCacheType,
          weightType,
          quantization,
          loadFormat,
          prefixCaching,
          0,
          EngineOptions.DEFAULT_GPU_MEMORY_UTILIZATION);
    }
  }
}
