package dev.kvasir.runtime.quantize;

import dev.kvasir.runtime.model.LinearStage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Finds the scales of all stages' inputs and folds them into the weights around. */
final class ActivationAwareness {
  private final Map<String, PlainTensor> tensors;
  private final ScaleSearch search;
  private final Folding folding = new Folding();

  ActivationAwareness(Map<String, PlainTensor> tensors, GroupRounding rounding) {
    this.tensors = tensors;
    this.search = new ScaleSearch(rounding);
  }

  Folding find(List<LinearStage> stages, List<StageInputs> inputs, Consumer<LinearStage> onStage) {
    for (int i = 0; i < stages.size(); i++) {
      find(stages.get(i), inputs.get(i));
      onStage.accept(stages.get(i));
    }
    return folding;
  }

  private void find(LinearStage stage, StageInputs inputs) {
    if (stage.norm().isPresent() || stage.rows().isPresent()) {
      List<WeightRows> weights =
          stage.linears().stream().map(name -> tensors.get(name + ".weight").rows()).toList();
      search.best(inputs, weights).ifPresent(scales -> fold(stage, scales));
    }
    folding.setImportance(stage, inputs.meanSquare());
  }

  private void fold(LinearStage stage, float[] scales) {
    Optional<LinearStage.Norm> norm = stage.norm();
    if (norm.isPresent()) {
      foldIntoNorm(stage, norm.get(), scales);
    } else {
      String source = stage.rows().orElseThrow().linear();
      folding.addRows(stage, scales, tensors.get(source + ".weight").rows().rows());
    }
  }

  /** The columns take up what the norm, rounded to its type, has really been divided by. */
  private void foldIntoNorm(LinearStage stage, LinearStage.Norm norm, float[] scales) {
    PlainTensor tensor = tensors.get(norm.tensor());
    float[] stored = tensor.vector();
    float[] exact = new float[scales.length];
    for (int k = 0; k < scales.length; k++) {
      float weight = norm.offset() + stored[k];
      float divided = tensor.elements().round(weight / scales[k] - norm.offset());
      boolean lost = norm.offset() + divided == 0;
      exact[k] = lost ? 1 : weight / (norm.offset() + divided);
      stored[k] = lost ? stored[k] : divided;
    }
    folding.addNorm(stage, exact, stored);
  }
}
