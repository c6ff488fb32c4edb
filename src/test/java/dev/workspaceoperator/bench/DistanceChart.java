package dev.workspaceoperator.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Admissions a second against the round trip to PostgreSQL, a curve for each number of clients. */
final class DistanceChart {
  private static final Path FILE = Path.of("docs", "distance.svg");
  private static final int LEFT = 70;
  private static final int TOP = 20;
  private static final int WIDTH = 520;
  private static final int HEIGHT = 280;
  private static final int MILLIS_PER_LINE = 5;
  private static final List<String> COLOURS = List.of("#9ecae1", "#4292c6", "#08519c");

  private final List<DistanceFigures> all;
  private final int millisMax;
  private final double perLine;

  private DistanceChart(List<DistanceFigures> all) {
    this.all = all;
    this.millisMax = all.getLast().millis();
    double most =
        all.stream()
            .flatMap(at -> at.spread().values().stream())
            .mapToDouble(DistanceFigures.Load::perSecond)
            .max()
            .orElseThrow();
    this.perLine = Math.ceil(most / 4 / 500) * 500;
  }

  /** Draws these, in the order of their distance. */
  static void write(List<DistanceFigures> all) throws IOException {
    Files.writeString(FILE, new DistanceChart(all).svg());
  }

  private String svg() {
    return """
    <!-- Drawn by DistanceBench from its figures. -->
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 700 360" role="img" aria-label="Admissions a second against the round trip between a replica and PostgreSQL" font-family="sans-serif" font-size="13">
    <rect width="700" height="360" fill="#fff"/>
    %s%s%s<text x="%d" y="350" text-anchor="middle">round trip to PostgreSQL, ms</text>
    <text x="16" y="%d" text-anchor="middle" transform="rotate(-90 16 %d)">admissions/s</text>
    </svg>
    """
        .formatted(
            grid(), curves(), oneByOne(), LEFT + WIDTH / 2, TOP + HEIGHT / 2, TOP + HEIGHT / 2);
  }

  private String grid() {
    StringBuilder lines = new StringBuilder();
    for (int line = 0; line <= 4; line++) {
      double y = y(line * perLine);
      lines.append(
          "<path d=\"M%d %.1fH%d\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%,.0f</text>\n"
              .formatted(LEFT, y, LEFT + WIDTH, LEFT - 8, y + 4, line * perLine));
    }
    for (int millis = 0; millis <= millisMax; millis += MILLIS_PER_LINE) {
      lines.append(
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>\n"
              .formatted(x(millis), TOP + HEIGHT + 18, millis));
    }
    return lines.toString();
  }

  private String curves() {
    StringBuilder curves = new StringBuilder();
    int number = 0;
    for (int connections : all.getFirst().spread().keySet()) {
      String colour = COLOURS.get(number++ % COLOURS.size());
      String points =
          all.stream()
              .map(at -> point(at.millis(), at.load(connections).perSecond()))
              .collect(Collectors.joining(" "));
      DistanceFigures last = all.getLast();
      curves.append(
          "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2.5\"/><text x=\"%d\" y=\"%.1f\" fill=\"%s\">%,d clients</text>\n"
              .formatted(
                  points,
                  colour,
                  LEFT + WIDTH + 8,
                  y(last.load(connections).perSecond()) + 4,
                  colour,
                  connections));
    }
    return curves.toString();
  }

  /** What a row can do that each admission locks for a round trip of its own. */
  private String oneByOne() {
    StringBuilder points = new StringBuilder();
    for (double millis = millisMax; millis >= 0.2; millis -= 0.1) {
      double perSecond = 1000 / millis;
      if (perSecond <= 4 * perLine) {
        points.append(point(millis, perSecond)).append(' ');
      }
    }
    return "<polyline points=\"%s\" fill=\"none\" stroke=\"#888\" stroke-dasharray=\"4 4\"/><text x=\"%d\" y=\"%.1f\" fill=\"#666\">one by one</text>\n"
        .formatted(points.toString().strip(), LEFT + WIDTH + 8, y(0) + 6);
  }

  private String point(double millis, double perSecond) {
    return "%.1f,%.1f".formatted(x(millis), y(perSecond));
  }

  private double x(double millis) {
    return LEFT + millis * WIDTH / millisMax;
  }

  private double y(double perSecond) {
    return TOP + HEIGHT - perSecond * HEIGHT / (4 * perLine);
  }
}
