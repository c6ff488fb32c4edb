package dev.workspaceoperator.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.workspaceoperator.workspace.port.Page;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * Where a list goes on: the sort key of the last item before, as text that only its list
 * understands.
 *
 * @param parts the columns of the sort key
 */
public record Cursor(List<String> parts) {
  private static final String SEPARATOR = "\n";

  public Cursor {
    parts = List.copyOf(parts);
  }

  /** A place in a list whose sort key is these columns. */
  public static Cursor of(String... parts) {
    return new Cursor(List.of(parts));
  }

  /** A place in a list that is sorted by time and id. */
  public static Cursor of(Instant time, UUID id) {
    return of(time.toString(), id.toString());
  }

  /**
   * The place that a caller sent back.
   *
   * @param list the list's name
   * @param size how many parts its cursors have
   * @throws Page.BadCursorException if it is not from this list
   */
  public static Optional<Cursor> read(String list, int size, Page.Request request) {
    return request.cursor().map(text -> decode(list, size, text));
  }

  private static Cursor decode(String list, int size, String text) {
    try {
      String decoded = new String(Base64.getUrlDecoder().decode(text), UTF_8);
      List<String> parts = Arrays.asList(decoded.split(SEPARATOR, -1));
      boolean printable =
          parts.stream().allMatch(part -> part.chars().noneMatch(Character::isISOControl));
      if (parts.size() == size + 1 && parts.getFirst().equals(list) && printable) {
        return new Cursor(parts.subList(1, parts.size()));
      }
    } catch (IllegalArgumentException e) {
      throw bad(e);
    }
    throw new Page.BadCursorException();
  }

  /** As {@link #of(Instant, UUID)} wrote it. */
  public Instant time() {
    try {
      return Instant.parse(parts.getFirst());
    } catch (DateTimeException e) {
      throw bad(e);
    }
  }

  /** As {@link #of(Instant, UUID)} wrote it. */
  public UUID id() {
    try {
      return UUID.fromString(parts.getLast());
    } catch (IllegalArgumentException e) {
      throw bad(e);
    }
  }

  /** The one number that it consists of. */
  public long number() {
    try {
      return Long.parseLong(parts.getFirst());
    } catch (NumberFormatException e) {
      throw bad(e);
    }
  }

  private static Page.BadCursorException bad(Exception cause) {
    Page.BadCursorException bad = new Page.BadCursorException();
    bad.initCause(cause);
    return bad;
  }

  /**
   * Makes a page of what was read.
   *
   * @param rows one more than asked for, if there is more
   * @param place the sort key of an item
   */
  public static <T> Page<T> page(
      String list, Page.Request request, List<T> rows, Function<T, Cursor> place) {
    if (rows.size() <= request.limit()) {
      return new Page<>(rows, Optional.empty());
    }
    List<T> items = rows.subList(0, request.limit());
    List<String> parts = new ArrayList<>(List.of(list));
    parts.addAll(place.apply(items.getLast()).parts());
    return new Page<>(
        items,
        Optional.of(
            Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(String.join(SEPARATOR, parts).getBytes(UTF_8))));
  }
}
