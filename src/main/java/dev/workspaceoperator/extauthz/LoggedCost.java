package dev.workspaceoperator.extauthz;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.RunOutcome;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogCommon;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;
import io.envoyproxy.envoy.data.accesslog.v3.ResponseFlags;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an entry of Envoy's access log says that a request has cost.
 *
 * @param cost to be charged
 * @param basis by what it was told
 */
record LoggedCost(MicroUsd cost, Basis basis) {
  private static final String COST = "cost_micro_usd";
  private static final List<String> INPUT = List.of("input_tokens", "prompt_tokens");
  private static final List<String> OUTPUT = List.of("output_tokens", "completion_tokens");
  private static final List<String> CACHE_READ = List.of("cache_read_input_tokens");
  private static final List<String> CACHE_WRITE = List.of("cache_creation_input_tokens");
  private static final BigDecimal COST_MAX =
      BigDecimal.valueOf(Bounds.COST_USD_MAX).movePointRight(MicroUsd.DECIMALS);
  private static final double TOKENS_MAX = 1e12;

  /** By what a cost is known, the best first. */
  enum Basis {
    /** The gateway has worked it out. */
    COST,
    /** The model has counted tokens, and there is a price. */
    TOKENS,
    /** Nothing was sent upstream, or the upstream refused it. */
    NOTHING_SENT,
    /** Nobody knows: all that was reserved. */
    RESERVED
  }

  static LoggedCost of(
      HTTPAccessLogEntry entry,
      Reservation reservation,
      Optional<PriceList> prices,
      ExtAuthzSettings settings) {
    AccessLogCommon common = entry.getCommonProperties();
    for (String namespace : settings.costNamespaces()) {
      Struct told =
          common.getMetadata().getFilterMetadataOrDefault(namespace, Struct.getDefaultInstance());
      Optional<LoggedCost> cost =
          cost(told)
              .map(known -> new LoggedCost(known, Basis.COST))
              .or(() -> tokens(told, reservation, prices));
      if (cost.isPresent()) {
        return cost.get();
      }
    }
    return isFree(entry, settings)
        ? new LoggedCost(MicroUsd.ZERO, Basis.NOTHING_SENT)
        : new LoggedCost(reservation.reserved(), Basis.RESERVED);
  }

  /** How the run of a call ends. */
  static RunOutcome outcome(HTTPAccessLogEntry entry) {
    int status = status(entry);
    if (status == 0
        || entry.getCommonProperties().getResponseFlags().getDownstreamConnectionTermination()) {
      return RunOutcome.CANCELLED;
    }
    return status < 400 ? RunOutcome.SUCCEEDED : RunOutcome.FAILED;
  }

  /** Whether nothing can have been charged by whoever is upstream. */
  private static boolean isFree(HTTPAccessLogEntry entry, ExtAuthzSettings settings) {
    AccessLogCommon common = entry.getCommonProperties();
    // Of several attempts only the last one's bytes are told.
    boolean isUnsent =
        common.getUpstreamRequestAttemptCount() <= 1
            && common.getUpstreamWireBytesSent() == 0
            && entry.getRequest().getUpstreamHeaderBytesSent() == 0
            && (!common.hasUpstreamRemoteAddress() || saysUnsent(common.getResponseFlags()));
    boolean isRefused =
        settings.freeStatuses().contains(status(entry))
            && entry.getResponse().getUpstreamHeaderBytesReceived() > 0
            && common.getUpstreamRequestAttemptCount() <= 1;
    return isUnsent || isRefused;
  }

  /** Bytes that nobody counted are none, too: so somebody must say why there are none. */
  private static boolean saysUnsent(ResponseFlags flags) {
    return flags.getNoHealthyUpstream()
        || flags.getUpstreamConnectionFailure()
        || flags.getUpstreamOverflow()
        || flags.getNoRouteFound()
        || flags.getNoClusterFound()
        || flags.getRateLimited()
        || flags.getDownstreamConnectionTermination();
  }

  private static int status(HTTPAccessLogEntry entry) {
    return entry.getResponse().getResponseCode().getValue();
  }

  private static Optional<MicroUsd> cost(Struct told) {
    return number(told, COST)
        .map(micros -> micros.setScale(0, RoundingMode.CEILING))
        .filter(micros -> micros.compareTo(COST_MAX) <= 0)
        .map(micros -> new MicroUsd(micros.longValueExact()));
  }

  private static Optional<LoggedCost> tokens(
      Struct told, Reservation reservation, Optional<PriceList> prices) {
    OptionalLong input = count(told, INPUT);
    OptionalLong output = count(told, OUTPUT);
    Optional<ModelPrice> price = prices.flatMap(list -> reservation.model().flatMap(list::of));
    // One of the two alone is half of the cost, but where the other one is free.
    boolean isFreeOutput = price.isPresent() && price.get().highestOutput().signum() == 0;
    if (input.isEmpty() || (output.isEmpty() && !isFreeOutput) || price.isEmpty()) {
      return Optional.empty();
    }
    TokenCounts counts =
        new TokenCounts(
            input.getAsLong(),
            output.orElse(0),
            count(told, CACHE_READ).orElse(0),
            count(told, CACHE_WRITE).orElse(0));
    return Optional.of(
        new LoggedCost(price.get().of(counts, reservation.isDearer()), Basis.TOKENS));
  }

  private static OptionalLong count(Struct told, List<String> names) {
    return names.stream()
        .flatMap(name -> number(told, name).stream())
        .mapToLong(BigDecimal::longValue)
        .findFirst();
  }

  /** As a number, or as text: filters of Envoy write either. */
  private static Optional<BigDecimal> number(Struct told, String name) {
    Value value = told.getFieldsOrDefault(name, Value.getDefaultInstance());
    double number =
        switch (value.getKindCase()) {
          case NUMBER_VALUE -> value.getNumberValue();
          case STRING_VALUE -> parsed(value.getStringValue());
          default -> Double.NaN;
        };
    return number >= 0 && number <= TOKENS_MAX
        ? Optional.of(BigDecimal.valueOf(number))
        : Optional.empty();
  }

  private static double parsed(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      // Not a number, which is what it is then.
      return Double.NaN;
    }
  }
}
