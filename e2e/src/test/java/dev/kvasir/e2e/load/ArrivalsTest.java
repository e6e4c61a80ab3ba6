package dev.kvasir.e2e.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.e2e.simulation.Arrival;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArrivalsTest {

  @Test
  void arrivalsArePoissonAtTheRate() {
    List<Arrival> arrivals = arrivals(3).poisson(50, 400);
    assertEquals(50 * 400, arrivals.size(), 4 * Math.sqrt(50 * 400));
    double[] gaps = new double[arrivals.size() - 1];
    for (int i = 0; i < gaps.length; i++) {
      gaps[i] = arrivals.get(i + 1).at() - arrivals.get(i).at();
      assertTrue(gaps[i] >= 0);
    }
    double mean = mean(gaps, gap -> gap);
    double variance = mean(gaps, gap -> (gap - mean) * (gap - mean));
    assertEquals(1, Math.sqrt(variance) / mean, 0.05, "coefficient of variation");
  }

  @Test
  void theSeedDecidesAll() {
    assertEquals(arrivals(5).poisson(10, 20), arrivals(5).poisson(10, 20));
    assertTrue(!arrivals(5).poisson(10, 20).equals(arrivals(6).poisson(10, 20)));
  }

  @ParameterizedTest
  @CsvSource({"17, 17", "fixed:17, 17", "uniform:10:50, 30", "lognormal:200:0.8, 200"})
  void lengthsHaveTheirMean(String text, double mean) {
    Lengths lengths = Lengths.parse(text);
    SplittableRandom random = new SplittableRandom(11);
    double sum = 0;
    for (int i = 0; i < 40_000; i++) {
      int length = lengths.draw(random);
      assertTrue(length >= 1);
      sum += length;
    }
    assertEquals(mean, sum / 40_000, mean * 0.03);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "x", "0", "-3", "uniform:5", "uniform:9:3", "lognormal:200", "lognormal:0:1"})
  void otherLengthsAreRefused(String text) {
    var refusal = assertThrows(IllegalArgumentException.class, () -> Lengths.parse(text));
    assertTrue(refusal.getMessage().contains("'" + text + "'"), refusal.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--url ftp://x/v1 --model m | --url",
        "--url http://127.0.0.1:1/v1 --model m --rate 0 | --rate",
        "--url http://127.0.0.1:1/v1 --model m --rate NaN | --rate",
        "--url http://127.0.0.1:1/v1 --model m --max-in-flight 0 | --max-in-flight",
        "--url http://127.0.0.1:1/v1 --model m --prompt-tokens many | 'many'",
        "--url http://127.0.0.1:1/v1 --model m --rate 100000 --duration 1000 | are more than",
        "--model m | --url"
      })
  void theCommandRefusesWhatItCanNotDo(String arguments, String named) {
    StringWriter errors = new StringWriter();
    int status =
        Load.commandLine().setErr(new PrintWriter(errors)).execute(arguments.strip().split(" +"));
    assertEquals(2, status);
    assertTrue(errors.toString().contains(named), errors.toString());
  }

  private static Arrivals arrivals(long seed) {
    return new Arrivals(new Lengths.Fixed(4), new Lengths.Uniform(1, 9), seed);
  }

  private static double mean(double[] values, ToDoubleFunction<Double> of) {
    double sum = 0;
    for (double value : values) {
      sum += of.applyAsDouble(value);
    }
    return sum / values.length;
  }
}
