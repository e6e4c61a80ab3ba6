package dev.kvasir.runtime.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LinearPlanTest {
  private static final int MULTIPROCESSORS = 132;
  private static final List<LinearPlan.Format> FORMATS =
      List.of(LinearBf16.FORMAT, LinearInt4.FORMAT, LinearFp8.FORMAT, LinearInt8.FORMAT);

  @Test
  void blocksCoverTheProductAndPartsHaveSteps() {
    long seed = 17;
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 2000; i++) {
      LinearPlan.Format format = FORMATS.get(random.nextInt(FORMATS.size()));
      int rows = random.nextInt(1, random.nextBoolean() ? 80 : 5000);
      int outputs = random.nextInt(1, 40000);
      int columns = 16 * random.nextInt(1, 1000);
      LinearPlan plan = LinearPlan.choose(format, rows, outputs, columns, MULTIPROCESSORS);
      String about = "seed %d, %d x %d x %d: %s".formatted(seed, rows, outputs, columns, plan);
      Grid grid = plan.grid(rows, outputs);
      long perBlock = 16L * plan.outputTiles() * (plan.few() ? 1 : LinearPlan.WARPS);
      long rowsCovered = 8L * plan.rowTiles() * (plan.few() ? 1 : grid.x());
      assertTrue(perBlock * (plan.few() ? grid.x() : grid.y()) >= outputs, about);
      assertTrue(rowsCovered >= rows, about);
      assertTrue(plan.splits() <= Math.max(1, columns / format.step()), about);
      assertTrue(plan.splits() <= LinearPlan.MOST_SPLITS, about);
      assertTrue(plan.sharedBytes() <= 227 * 1024, about);
    }
  }

  @Test
  void wavesDecideHowManyTilesABlockHas() {
    assertEquals("few_1_1", plan(1, 4096));
    assertEquals("few_1_2", plan(1, 6144));
    assertEquals("few_1_4", plan(1, 28672));
    assertEquals("many_8_1", plan(64, 28672));
    assertEquals("many_16_2", plan(2048, 4096));
  }

  private static String plan(int rows, int outputs) {
    return LinearPlan.choose(LinearInt4.FORMAT, rows, outputs, 4096, MULTIPROCESSORS).variant("");
  }
}
