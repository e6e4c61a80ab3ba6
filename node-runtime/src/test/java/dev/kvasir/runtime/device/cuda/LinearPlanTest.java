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

  private interface Case {
    void check(
        LinearPlan.Format format,
        int rows,
        int outputs,
        int columns,
        LinearPlan plan,
        String about);
  }

  private static void everywhere(boolean wgmma, Case body) {
    long seed = 17;
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 2000; i++) {
      LinearPlan.Format format = FORMATS.get(random.nextInt(FORMATS.size()));
      int rows = random.nextInt(1, random.nextBoolean() ? 80 : 5000);
      int outputs = random.nextInt(1, 40000);
      int columns = 16 * random.nextInt(1, 1000);
      LinearPlan.Chip chip = new LinearPlan.Chip(MULTIPROCESSORS, wgmma);
      LinearPlan plan = LinearPlan.choose(format, rows, outputs, columns, chip);
      String about = "seed %d, %d x %d x %d: %s".formatted(seed, rows, outputs, columns, plan);
      assertTrue(plan.sharedBytes() <= 227 * 1024, about);
      assertTrue(
          plan.partialFloats(rows, outputs) <= LinearPlan.mostPartials(MULTIPROCESSORS), about);
      body.check(format, rows, outputs, columns, plan, about);
    }
  }

  @Test
  void blocksCoverTheProductAndPartsHaveSteps() {
    everywhere(
        false,
        (format, rows, outputs, columns, chosen, about) -> {
          MmaPlan plan = (MmaPlan) chosen;
          Grid grid = plan.grid(rows, outputs);
          long perBlock = 16L * plan.outputTiles() * (plan.few() ? 1 : MmaPlan.WARPS);
          long rowsCovered = 8L * plan.rowTiles() * (plan.few() ? 1 : grid.x());
          assertTrue(perBlock * (plan.few() ? grid.x() : grid.y()) >= outputs, about);
          assertTrue(rowsCovered >= rows, about);
          assertTrue(plan.splits() <= Math.max(1, columns / format.step()), about);
          assertTrue(plan.splits() <= MmaPlan.MOST_SPLITS, about);
        });
  }

  @Test
  void warpgroupsShareWorkOfWhichEachBlockHasSome() {
    everywhere(
        true,
        (format, rows, outputs, columns, plan, about) -> {
          assertTrue(rows <= MmaPlan.MOST_FEW_ROWS || plan instanceof WgmmaPlan, about);
          if (plan instanceof WgmmaPlan p) {
            assertTrue(rows >= format.wgmma().fromRows(), about);
            WgmmaPlan.Tile tile = p.tile();
            int tiles =
                Math.ceilDiv(rows, tile.rows()) * Math.ceilDiv(outputs, 128 * tile.outputs());
            int stages = tiles * Math.ceilDiv(columns, tile.stageColumns());
            assertTrue(p.blocks() >= 1 && p.blocks() <= MULTIPROCESSORS, about);
            assertTrue(p.blocks() <= (p.shared() ? stages : tiles), about);
            assertTrue(!p.shared() || tiles <= 2 * MULTIPROCESSORS, about);
          }
        });
  }

  @Test
  void wavesDecideHowManyTilesABlockHas() {
    assertEquals("few_1_1x8", plan(1, 4096));
    assertEquals("few_1_2x8", plan(1, 6144));
    assertEquals("few_1_4x4", plan(1, 28672));
    assertEquals("many_8_1", plan(64, 28672));
    assertEquals("many_16_2", plan(2048, 4096));
  }

  @Test
  void aPlanIsTheOneThatWasMeasuredToBeFastest() {
    LinearPlan.Format int4 = LinearInt4.FORMAT;
    LinearPlan.Format fp8 = LinearFp8.FORMAT;
    LinearPlan.Format bf16 = LinearBf16.FORMAT;
    assertEquals("few_2_1x8", onHopper(int4, 16, 4096, 14336));
    assertEquals("few_4_2x8", onHopper(int4, 32, 4096, 4096));
    assertEquals("wgmma_32_1 shared", onHopper(int4, 32, 6144, 4096));
    assertEquals("wgmma_64_2", onHopper(int4, 64, 28672, 4096).substring(0, 10));
    assertEquals("wgmma_128_2 whole", onHopper(int4, 2048, 28672, 4096));
    assertEquals("few_4_2x8", onHopper(fp8, 32, 4096, 14336));
    assertEquals("wgmma_32_1 whole", onHopper(fp8, 32, 28672, 4096));
    assertEquals("wgmma_64_1 shared", onHopper(fp8, 64, 4096, 14336));
    assertEquals("wgmma_128_1 whole", onHopper(fp8, 2048, 28672, 4096));
    assertEquals("few_4_2x8", onHopper(bf16, 32, 28672, 4096));
    assertEquals("wgmma_64_1 shared", onHopper(bf16, 64, 4096, 4096));
    assertEquals("wgmma_128_2 whole", onHopper(bf16, 256, 28672, 4096));
  }

  private static String onHopper(LinearPlan.Format format, int rows, int outputs, int columns) {
    LinearPlan plan =
        LinearPlan.choose(
            format, rows, outputs, columns, new LinearPlan.Chip(MULTIPROCESSORS, true));
    return plan.variant("")
        + (plan instanceof WgmmaPlan p ? p.shared() ? " shared" : " whole" : "");
  }

  private static String plan(int rows, int outputs) {
    return LinearPlan.choose(
            LinearInt4.FORMAT, rows, outputs, 4096, new LinearPlan.Chip(MULTIPROCESSORS, false))
        .variant("");
  }
}
