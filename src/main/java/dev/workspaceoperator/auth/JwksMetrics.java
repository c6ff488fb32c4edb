package dev.workspaceoperator.auth;

import dev.workspaceoperator.metric.Metric;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/**
 * Counts the fetches of issuers' keys. The label {@code issuer} has what is configured, no more.
 */
final class JwksMetrics {
  static final String FETCHES = Metric.JWKS_FETCHES.meter();

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
    Metric.JWKS_AGE.gauge(
        registry,
        () -> keys.age().map(JwksMetrics::seconds).orElse(Double.NaN),
        keys.issuer().label());
  }

  private Counter counter(TokenIssuer issuer, String outcome) {
    return Metric.JWKS_FETCHES.counter(registry, issuer.label(), outcome);
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
