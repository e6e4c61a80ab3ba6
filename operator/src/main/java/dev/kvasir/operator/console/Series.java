package dev.kvasir.operator.console;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** What the charts show of a deployment over time, under its name in the JSON. */
record Series(String text, ToDoubleFunction<Sample> value) {
  static final List<Series> ALL =
      List.of(
          new Series("output", Sample::output),
          new Series("prompt", Sample::prompt),
          new Series("kv", Sample::kv),
          new Series("running", Sample::running),
          new Series("waiting", Sample::waiting),
          new Series("held", Sample::held),
          new Series("firstToken", Sample::firstToken),
          new Series("interToken", Sample::interToken),
          new Series("ready", Sample::ready),
          new Series("desired", Sample::desired));

  double of(Sample sample) {
    return value.applyAsDouble(sample);
  }
}
