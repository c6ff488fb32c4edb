package dev.workspaceoperator.app.command;

import java.io.PrintWriter;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A table for a terminal, columns aligned, as kubectl prints them.
 *
 * @param header one word a column
 * @param rows each as wide as the header
 */
record TextTable(List<String> header, List<List<String>> rows) {
  private static final String GAP = "   ";

  void print(PrintWriter out) {
    int[] widths =
        IntStream.range(0, header.size())
            .map(column ->
                Math.max(
                    header.get(column).length(),
                    rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0)))
            .toArray();
    out.println(line(header, widths));
    rows.forEach(row -> out.println(line(row, widths)));
  }

  private static String line(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < cells.size(); column++) {
      String cell = cells.get(column);
      line.append(cell).append(" ".repeat(widths[column] - cell.length())).append(GAP);
    }
    return line.toString().stripTrailing();
  }
}
