package dev.kvasir.e2e.simulation;

import java.io.IOException;
import java.nio.file.Path;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Replicas over time, a step line each. */
final class StepChart {
  private final XYChart chart =
      new XYChartBuilder()
          .width(1000)
          .height(480)
          .title("Replicas asked for")
          .xAxisTitle("seconds")
          .yAxisTitle("replicas")
          .build();

  StepChart() {
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Step);
  }

  void add(String name, double[] seconds, double[] replicas) {
    chart.addSeries(name, seconds, replicas).setMarker(SeriesMarkers.NONE);
  }

  void write(Path svg) throws IOException {
    VectorGraphicsEncoder.saveVectorGraphic(chart, svg.toString(), VectorGraphicsFormat.SVG);
  }
}
