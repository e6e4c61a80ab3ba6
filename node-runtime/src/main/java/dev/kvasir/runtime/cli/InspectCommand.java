package dev.kvasir.runtime.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runtime.engine.EngineStarter;
import dev.kvasir.runtime.engine.MemoryPlan;
import dev.kvasir.runtime.engine.ModelSummary;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code inspect}: what a model is, weighs and needs; its weights are not loaded. */
@Command(
    name = "inspect",
    description = "Says what a model is, what it weighs and what it needs.",
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
  @Mixin private ModelFlags model;
  @Mixin private LogFlags logs;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    logs.configure();
    EngineStarter.Inspection inspection = EngineStarter.inspect(model.options());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(inspection.model(), inspection.memory()).toPrettyString());
    } else {
      table(inspection.model(), inspection.memory(), out);
    }
    out.flush();
    return 0;
  }

  private static ObjectNode json(ModelSummary model, MemoryPlan memory) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.putObject("model")
        .put("architecture", model.architecture())
        .put("parameters", model.parameters())
        .put("layers", model.layers())
        .put("vocabularySize", model.vocabularySize())
        .put("maxPositionEmbeddings", model.maxPositionEmbeddings())
        .put("weightType", model.weightType())
        .put("weightBytes", model.weightBytes());
    root.putObject("memory")
        .put("weightBytes", memory.weightBytes())
        .put("kvType", memory.kvType())
        .put("kvBytesPerToken", memory.kvBytesPerToken())
        .put("blockSize", memory.blockSize())
        .put("kvBlocks", memory.kvBlocks())
        .put("kvBytes", memory.kvBytes())
        .put("kvTokens", memory.kvTokens())
        .put("workspaceBytes", memory.workspaceBytes())
        .put("maxModelLen", memory.maxModelLen())
        .put("fullLengthRequests", memory.fullLengthRequests());
    return root;
  }

  private static void table(ModelSummary model, MemoryPlan memory, PrintWriter out) {
    row(out, "architecture", model.architecture());
    row(out, "parameters", String.format(Locale.ROOT, "%.1f M", model.parameters() / 1e6));
    row(out, "layers", String.valueOf(model.layers()));
    row(out, "vocabulary", model.vocabularySize() + " tokens");
    row(out, "context", model.maxPositionEmbeddings() + " tokens");
    row(out, "weights", mebibytes(memory.weightBytes()) + ", " + model.weightType());
    row(
        out,
        "KV cache",
        mebibytes(memory.kvBytes())
            + ", "
            + memory.kvBlocks()
            + " blocks of "
            + memory.blockSize()
            + " tokens, "
            + memory.kvBytesPerToken()
            + " bytes a token in "
            + memory.kvType());
    row(
        out,
        "fits",
        memory.kvTokens()
            + " tokens: "
            + String.format(Locale.ROOT, "%.1f", memory.fullLengthRequests())
            + " requests of "
            + memory.maxModelLen());
    row(out, "workspace", mebibytes(memory.workspaceBytes()));
    row(
        out,
        "together",
        mebibytes(memory.weightBytes() + memory.kvBytes() + memory.workspaceBytes()));
  }

  private static void row(PrintWriter out, String name, String value) {
    out.printf(Locale.ROOT, "%-14s%s%n", name, value);
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
  }
}
