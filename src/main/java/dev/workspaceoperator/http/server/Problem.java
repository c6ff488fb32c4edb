package dev.workspaceoperator.http.server;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why a request is not done, as a caller is told (RFC 9457).
 *
 * @param code for programs
 * @param status the code's, but where the protocol has a more exact one
 * @param detail what is wrong with this request and how to mend it; nothing secret
 * @param members what else the code has, by name, in their order
 * @param errors each thing that is wrong with the body
 * @param headers of the answer
 */
public record Problem(
    ProblemCode code,
    Status status,
    String detail,
    Map<String, @Nullable Object> members,
    List<FieldError> errors,
    List<Header> headers) {

  public Problem {
    members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    errors = List.copyOf(errors);
    headers = List.copyOf(headers);
  }

  /**
   * One thing that is wrong with a body.
   *
   * @param pointer a JSON pointer (RFC 6901) as a URI fragment; {@code #} is the whole body
   * @param detail what is wrong there and how to mend it
   */
  public record FieldError(String pointer, String detail) {}

  public static Problem of(ProblemCode code, String detail) {
    return new Problem(code, code.status(), detail, Map.of(), List.of(), List.of());
  }

  /** {@code VALIDATION_FAILED} with everything that is wrong. */
  public static Problem invalid(List<FieldError> errors) {
    String detail =
        errors.size() == 1
            ? "The body has an error, listed in errors."
            : "The body has %d errors, listed in errors.".formatted(errors.size());
    return of(ProblemCode.VALIDATION_FAILED, detail).withErrors(errors);
  }

  /** The same with another status. */
  public Problem withStatus(Status other) {
    return new Problem(code, other, detail, members, errors, headers);
  }

  /** The same with one member more; null is printed as such. */
  public Problem with(String name, @Nullable Object value) {
    Map<String, @Nullable Object> more = new LinkedHashMap<>(members);
    more.put(name, value);
    return new Problem(code, status, detail, more, errors, headers);
  }

  /** The same with these errors. */
  public Problem withErrors(List<FieldError> all) {
    return new Problem(code, status, detail, members, all, headers);
  }

  /** The same with one header more. */
  public Problem with(Header header) {
    List<Header> more = new ArrayList<>(headers);
    more.add(header);
    return new Problem(code, status, detail, members, errors, more);
  }

  /** The same with {@code Retry-After}: whole seconds, at least one. */
  public Problem retryAfter(Duration pause) {
    return with(HeaderValues.create(HeaderNames.RETRY_AFTER, String.valueOf(seconds(pause))));
  }

  /** The same pause for people, such as {@code 1 second}. */
  public static String inSeconds(Duration pause) {
    long seconds = seconds(pause);
    return seconds == 1 ? "1 second" : seconds + " seconds";
  }

  /** A pause as {@code Retry-After} tells it: in whole seconds, rounded up, at least one. */
  private static long seconds(Duration pause) {
    return Math.max(1, pause.plusMillis(999).toSeconds());
  }
}
