package dev.workspaceoperator.auth;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/**
 * Counts the fetches of issuers' keys. The label {@code issuer} has what is configured, no more.
 */
final class JwksMetrics {
  static final String FETCHES = "workspace_operator_jwks_fetches";
  static final String AGE = "workspace_operator_jwks_age_seconds";

  private final MeterRegistry registry;

  JwksMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  IssuerKeys.Listener listener(TokenIssuer issuer) {
    Counter fetched = counter(issuer, "fetched");
    Counter failed = counter(issuer, "failed");
    return new IssuerKeys.Listener() {
      @Override
      public void fetched() {
        fetched.increment();
      }

      @Override
      public void failed() {
        failed.increment();
      }
    };
  }

  void watch(IssuerKeys keys) {
    Gauge.builder(AGE, keys, one -> one.age().map(JwksMetrics::seconds).orElse(Double.NaN))
        .description("How old the keys of this issuer are; NaN before they were first fetched.")
        .tag("issuer", keys.issuer().label())
        .register(registry);
  }

  private Counter counter(TokenIssuer issuer, String outcome) {
    return Counter.builder(FETCHES)
        .description("Fetches of the issuer's public keys.")
        .tag("issuer", issuer.label())
        .tag("outcome", outcome)
        .register(registry);
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
