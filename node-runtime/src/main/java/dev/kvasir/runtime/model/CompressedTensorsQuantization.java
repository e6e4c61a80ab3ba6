package dev.kvasir.runtime.model;

import dev.kvasir.runtime.engine.StartupException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * compressed-tensors, as llm-compressor writes it: groups of layers, each in a form of its own.
 *
 * @param groups the first whose targets name a layer holds, then the first that takes them all
 */
record CompressedTensorsQuantization(List<Group> groups, Targets ignore) implements Quantization {
  private static final int MOST_GROUPS = 1_000;
  private static final String EVERY_LINEAR = "Linear";

  /** Layers of one form. */
  record Group(Targets targets, StoredForm form, String inWords) {}

  /** Layers by name, by regular expression, or all of them by the name of their class. */
  record Targets(List<String> names, List<LayerPattern> patterns) {

    static Targets of(List<String> entries, String field) {
      List<String> names = new ArrayList<>();
      List<LayerPattern> patterns = new ArrayList<>();
      for (String entry : entries) {
        if (entry.startsWith("re:")) {
          patterns.add(LayerPattern.compile(entry.substring(3), field));
        } else {
          names.add(entry);
        }
      }
      return new Targets(List.copyOf(names), List.copyOf(patterns));
    }

    boolean name(String layer) {
      return names.contains(layer) || patterns.stream().anyMatch(pattern -> pattern.matches(layer));
    }

    boolean all() {
      return names.contains(EVERY_LINEAR);
    }
  }

  static CompressedTensorsQuantization read(JsonFields config) {
    if (config.has("sparsity_config")) {
      String sparse = config.object("sparsity_config").text("format", "dense");
      if (!sparse.equals("dense")) {
        throw new StartupException(
            "%s: sparse weights (sparsity_config format %s) are not supported"
                .formatted(config.file(), sparse));
      }
    }
    if (config.has("transform_config")
        && !config.object("transform_config").objects("config_groups").isEmpty()) {
      throw new StartupException(
          config.file() + ": transform_config (rotated weights) is not supported");
    }
    Map<String, JsonFields> stored = config.objects("config_groups");
    if (stored.size() > MOST_GROUPS) {
      throw config.wrong("config_groups", "at most " + MOST_GROUPS + " groups");
    }
    List<Group> groups = new ArrayList<>();
    String format = config.text("format", "dense");
    stored.forEach((name, group) -> {
      CompressedTensorsScheme scheme = CompressedTensorsScheme.read(group, format);
      Targets targets = Targets.of(group.textList("targets"), config.file() + ": targets");
      groups.add(new Group(targets, scheme.form(), scheme.inWords()));
    });
    String ignore = config.file() + ": ignore";
    return new CompressedTensorsQuantization(
        List.copyOf(groups), Targets.of(config.textList("ignore"), ignore));
  }

  @Override
  public String method() {
    return "compressed-tensors";
  }

  @Override
  public String inWords() {
    List<String> forms = groups.stream().map(Group::inWords).distinct().toList();
    return "compressed-tensors " + String.join(" and ", forms);
  }

  @Override
  public StoredForm form(String layer) {
    if (ignore.name(layer) || ignore.all()) {
      return new PlainForm();
    }
    for (Group group : groups) {
      if (group.targets().name(layer)) {
        return group.form();
      }
    }
    return groups.stream()
        .filter(group -> group.targets().all())
        .findFirst()
        .map(Group::form)
        .orElseGet(PlainForm::new);
  }
}
