package dev.kvasir.runtime.device.cuda;

/** ||got - wanted|| / ||wanted||; what is not a number never passes. */
final class ErrorMeter {
  private double difference;
  private double size;

  void add(double got, double wanted) {
    difference += (got - wanted) * (got - wanted);
    size += wanted * wanted;
  }

  double error() {
    double error = Math.sqrt(difference / Math.max(size, 1e-300));
    return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
  }
}
