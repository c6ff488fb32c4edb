package dev.workspaceoperator.extauthz;

import com.google.protobuf.Struct;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogCommon;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogType;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;
import io.envoyproxy.envoy.service.accesslog.v3.AccessLogServiceGrpc;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsMessage;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsResponse;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Envoy's access log: what became of each request that was let through, so that it is settled. */
final class AccessLogService extends AccessLogServiceGrpc.AccessLogServiceImplBase {
  /** Where Envoy keeps what the answer to its question gave it. */
  private static final String OURS = "envoy.filters.http.ext_authz";

  private static final Duration WARN_EVERY = Duration.ofMinutes(1);
  private static final Logger log = LoggerFactory.getLogger(AccessLogService.class);

  private final ExtAuthzSettings settings;
  private final Optional<PriceFile> prices;
  private final SettleTokens tokens;
  private final Settlements settlements;
  private final AtomicLong warnedAtNanos = new AtomicLong(System.nanoTime() - WARN_EVERY.toNanos());

  AccessLogService(
      ExtAuthzSettings settings,
      Optional<PriceFile> prices,
      SettleTokens tokens,
      Settlements settlements) {
    this.settings = settings;
    this.prices = prices;
    this.tokens = tokens;
    this.settlements = settlements;
  }

  @Override
  public StreamObserver<StreamAccessLogsMessage> streamAccessLogs(
      StreamObserver<StreamAccessLogsResponse> answer) {
    return new StreamObserver<>() {
      @Override
      public void onNext(StreamAccessLogsMessage message) {
        message.getHttpLogs().getLogEntryList().forEach(AccessLogService.this::entry);
      }

      @Override
      public void onError(Throwable failure) {
        // Envoy is gone, or opens another stream; what it did not send is charged its reservation.
        log.atDebug().addKeyValue("cause", failure.getMessage()).log("An access log ended");
      }

      @Override
      public void onCompleted() {
        answer.onNext(StreamAccessLogsResponse.getDefaultInstance());
        answer.onCompleted();
      }
    };
  }

  private void entry(HTTPAccessLogEntry entry) {
    AccessLogCommon common = entry.getCommonProperties();
    Struct ours =
        common.getMetadata().getFilterMetadataOrDefault(OURS, Struct.getDefaultInstance());
    if (ours.getFieldsCount() == 0) {
      // Refused, or not asked about.
      settlements.ignored("not_admitted");
      return;
    }
    if (!isEnd(common)) {
      settlements.ignored("not_ended");
      return;
    }
    Reservation.read(ours, tokens)
        .ifPresentOrElse(reservation -> settle(entry, reservation), this::refuse);
  }

  private void refuse() {
    settlements.ignored("forged");
    long now = System.nanoTime();
    long last = warnedAtNanos.get();
    if (now - last > WARN_EVERY.toNanos() && warnedAtNanos.compareAndSet(last, now)) {
      log.warn(
          "Entries of an access log have no settle_token that this installation gave: they settle nothing");
    }
  }

  private void settle(HTTPAccessLogEntry entry, Reservation reservation) {
    LoggedCost cost = LoggedCost.of(entry, reservation, prices.map(PriceFile::prices), settings);
    settlements.settle(
        reservation,
        cost.cost(),
        LoggedCost.outcome(entry),
        cost.basis().name().toLowerCase(Locale.ROOT));
  }

  /** Streams are told of at their begin and in between, too, where Envoy is set to. */
  private static boolean isEnd(AccessLogCommon common) {
    AccessLogType type = common.getAccessLogType();
    return type == AccessLogType.NotSet || type == AccessLogType.DownstreamEnd;
  }
}
