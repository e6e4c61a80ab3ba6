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
    ObjectNode plan = root.putObject("memory");
    plan.put("weightBytes", memory.weightBytes())
        .put("kvType", memory.kvType())
        .put("kvBytesPerToken", memory.kvBytesPerToken())
        .put("blockSize", memory.blockSize())
        .put("kvBlocks", memory.kvBlocks())
        .put("kvBytes", memory.kvBytes())
        .put("kvTokens", memory.kvTokens())
        .put("workspaceBytes", memory.workspaceBytes())
        .put("maxModelLen", memory.maxModelLen())
        .put("fullLengthRequests", memory.fullLengthRequests())
        .put("totalBytes", memory.totalBytes())
        .put("usableBytes", memory.usableBytes())
        .put("fits", memory.fits());
    for (MemoryPlan.Group group : memory.groups()) {
      plan.withArray("kvGroups")
          .addObject()
          .put("window", group.window())
          .put("layers", group.layers())
          .put("blocks", group.blocks())
          .put("blockBytes", group.blockBytes())
          .put("bytes", group.bytes());
    }
    return root;
  }

  private static void table(ModelSummary model, MemoryPlan memory, PrintWriter out) {
    row(out, "architecture", model.architecture());
    row(out, "parameters", String.format(Locale.ROOT, "%.1f M", model.parameters() / 1e6));
    row(out, "layers", String.valueOf(model.layers()));
    row(out, "vocabulary", model.vocabularySize() + " tokens");
    row(out, "context", model.maxPositionEmbeddings() + " tokens");
    row(out, "weights", mebibytes(memory.weightBytes()) + ", " + model.weightType());
    row(out, "workspace", mebibytes(memory.workspaceBytes()));
    row(out, "KV cache", mebibytes(memory.kvBytes()) + " in " + memory.kvType());
    for (MemoryPlan.Group group : memory.groups()) {
      row(out, "", group(group, memory.blockSize()));
    }
    row(
        out,
        "together",
        mebibytes(memory.totalBytes())
            + " of "
            + mebibytes(memory.usableBytes())
            + (memory.fits() ? "" : ": does not fit")
            + " ("
            + memory.deviceMemory()
            + ")");
    row(
        out,
        "holds",
        String.format(Locale.ROOT, "%.1f", memory.fullLengthRequests())
            + " requests of "
            + memory.maxModelLen()
            + " tokens");
  }

  private static String group(MemoryPlan.Group group, int blockSize) {
    String attention = group.window() == 0 ? "full attention" : "window " + group.window();
    return String.format(
        Locale.ROOT,
        "%s: %d layers x %d bytes a token x %d tokens a block x %d blocks = %s",
        attention,
        group.layers(),
        group.blockBytes() / blockSize / group.layers(),
        blockSize,
        group.blocks() + 1,
        mebibytes(group.bytes()));
  }

  private static void row(PrintWriter out, String name, String value) {
    out.printf(Locale.ROOT, "%-14s%s%n", name, value);
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
  }
}
