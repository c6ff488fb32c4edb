package dev.workspaceoperator.http.console;

import dev.workspaceoperator.http.console.ConsoleSettings.SignInPlace;
import io.helidon.http.Header;
import io.helidon.http.HeaderValues;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the page may do: run and show what this server sent, speak to this server and to where its
 * people sign in, and nothing else. Texts become markup nowhere, which browsers that know Trusted
 * Types hold the page to.
 */
final class ContentPolicy {
  private ContentPolicy() {}

  /** The headers of the page. */
  static List<Header> headers(Stream<SignInPlace> places) {
    String connect =
        Stream.concat(Stream.of("'self'"), places.flatMap(place -> place.origins().stream()))
            .distinct()
            .collect(Collectors.joining(" "));
    return List.of(
        HeaderValues.create(
            "Content-Security-Policy",
            String.join(
                "; ",
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self'",
                "connect-src " + connect,
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'",
                "require-trusted-types-for 'script'",
                "trusted-types 'none'")),
        HeaderValues.create("Referrer-Policy", "no-referrer"),
        HeaderValues.create("Cross-Origin-Opener-Policy", "same-origin"),
        HeaderValues.create("X-Frame-Options", "DENY"),
        HeaderValues.create(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"));
  }
}
