package dev.workspaceoperator.http.server;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.workspaceoperator.workspace.port.Page;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Lists come in parts: {@code ?limit=&cursor=} and {@code {items, next_cursor}}. */
public final class Lists {
  private static final int LIMIT_DEFAULT = 100;
  private static final int LIMIT_MAX = 500;
  private static final String LIMIT = "limit";
  private static final String CURSOR = "cursor";

  /** Of a parameter that is told of. */
  private static final int NAME_LENGTH_MAX = 64;

  private Lists() {}

  /** Writes one item of a list. */
  @FunctionalInterface
  public interface Item<T> {
    void write(JsonGenerator json, T item) throws IOException;
  }

  /**
   * Answers with the part of a list that the query asks for.
   *
   * @throws ProblemException if the query is wrong
   */
  public static <T> Answer answer(
      Exchange exchange, Function<Page.Request, Page<T>> list, Item<? super T> item) {
    return answer(exchange, List.of(), list, item);
  }

  /**
   * The same for a list of which the query can ask for a part.
   *
   * @param filters the parameters that it does so with
   * @throws ProblemException if the query is wrong
   */
  public static <T> Answer answer(
      Exchange exchange,
      List<String> filters,
      Function<Page.Request, Page<T>> list,
      Item<? super T> item) {
    Page<T> page = page(exchange, filters, list);
    return Answer.ok(
        Json.bytes(json -> {
          json.writeStartObject();
          write(json, page, item);
          json.writeEndObject();
        }));
  }

  /**
   * What this gives for the part that the query asks for.
   *
   * @param filters further parameters that it may have
   * @throws ProblemException if the query is wrong, or has a parameter that the list does not know
   */
  public static <R> R page(
      Exchange exchange, List<String> filters, Function<Page.Request, R> read) {
    checkNames(exchange, Stream.concat(Stream.of(LIMIT, CURSOR), filters.stream()).toList());
    try {
      return read.apply(new Page.Request(limit(exchange), parameter(exchange, CURSOR)));
    } catch (Page.BadCursorException e) {
      throw badRequest("The cursor is not one that this list gave. Start again without it.");
    }
  }

  /** Writes a part of a list into an object that is open. */
  public static <T> void write(JsonGenerator json, Page<T> page, Item<? super T> item)
      throws IOException {
    json.writeArrayFieldStart("items");
    for (T one : page.items()) {
      json.writeStartObject();
      item.write(json, one);
      json.writeEndObject();
    }
    json.writeEndArray();
    Json.text(json, "next_cursor", page.next());
  }

  /**
   * A parameter of the query.
   *
   * @throws ProblemException if it is there more than once, or badly encoded
   */
  public static Optional<String> parameter(Exchange exchange, String name) {
    List<String> values;
    try {
      values = exchange.request().query().all(name, List::of);
    } catch (IllegalArgumentException e) {
      throw badRequest("The query is badly encoded. Escape what is not a letter or digit.");
    }
    if (values.size() > 1) {
      throw badRequest("The query has %s more than once. Send it once.".formatted(name));
    }
    return values.stream().findFirst();
  }

  /** What is asked for with this cursor instead: the path and the query. */
  public static String next(Exchange exchange, String cursor) {
    StringBuilder target = new StringBuilder(exchange.path()).append('?');
    for (String name : exchange.request().query().names()) {
      if (!name.isEmpty() && !name.equals(CURSOR)) {
        target
            .append(name)
            .append('=')
            .append(
                URLEncoder.encode(parameter(exchange, name).orElseThrow(), StandardCharsets.UTF_8))
            .append('&');
      }
    }
    return target.append(CURSOR).append('=').append(cursor).toString();
  }

  /**
   * A filter that is misspelt would give the whole list.
   *
   * @param known what the query may have
   * @throws ProblemException if it has something else
   */
  public static void checkNames(Exchange exchange, List<String> known) {
    for (String name : exchange.request().query().names()) {
      // Without a name is what follows an & at the end.
      if (!name.isEmpty() && !known.contains(name)) {
        throw badRequest(
            "The query has %s, which this path does not know. It knows %s."
                .formatted(
                    name.length() > NAME_LENGTH_MAX ? "a parameter" : name,
                    String.join(", ", known)));
      }
    }
  }

  private static int limit(Exchange exchange) {
    Optional<String> given = parameter(exchange, LIMIT);
    if (given.isEmpty()) {
      return LIMIT_DEFAULT;
    }
    try {
      int limit = Integer.parseInt(given.get());
      if (limit >= 1 && limit <= LIMIT_MAX) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw badRequest("limit must be a whole number from 1 to %d.".formatted(LIMIT_MAX));
  }

  /** 400: the query is wrong. */
  public static ProblemException badRequest(String detail) {
    return new ProblemException(ProblemCode.BAD_REQUEST, detail);
  }
}
