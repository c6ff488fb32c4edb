package dev.workspaceoperator.http.view;

import dev.workspaceoperator.http.server.MediaTypes;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Tables as CSV (RFC 4180), which programs read and people open in a spreadsheet. */
public final class Csv {
  /** {@code text/csv} with a header line. */
  public static final Header CONTENT_TYPE =
      HeaderValues.createCached(
          HeaderNames.CONTENT_TYPE, MediaTypes.CSV + "; charset=utf-8; header=present");

  private static final String FORMULA = "=+-@\t\r";
  private static final char GUARD = '\'';

  private Csv() {}

  /** A line of these cells, as they are; empty cells stand for null. */
  public static String line(String... cells) {
    return Arrays.stream(cells).map(Csv::quoted).collect(Collectors.joining(",", "", "\r\n"));
  }

  /**
   * A text that somebody else wrote, as a cell. A spreadsheet takes what begins with {@code =} and
   * some others for a formula and works it out: an apostrophe goes before it, as before what begins
   * with one, so that whoever takes the first one away has the text again.
   */
  public static String text(String foreign) {
    return !foreign.isEmpty()
            && (FORMULA.indexOf(foreign.charAt(0)) >= 0 || foreign.charAt(0) == GUARD)
        ? GUARD + foreign
        : foreign;
  }

  private static String quoted(String cell) {
    return cell.chars().anyMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n')
        ? '"' + cell.replace("\"", "\"\"") + '"'
        : cell;
  }
}
