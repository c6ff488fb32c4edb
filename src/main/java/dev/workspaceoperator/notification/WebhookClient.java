package dev.workspaceoperator.notification;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Sends one event to one receiver. Redirects are not followed, what a receiver answers is not
 * looked at beyond its status, and it has a bounded time for it, however slowly it speaks.
 */
final class WebhookClient implements AutoCloseable {
  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);

  /** From the first byte of a request to the status of its answer. */
  static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

  /** So much of an answer is read, so that its connection can be used again. */
  private static final int READ_BYTES_MAX = 8 * 1024;

  private static final Duration RETRY_AFTER_MAX = Duration.ofHours(1);

  private final CloseableHttpClient https;
  private final CloseableHttpClient http;
  private final ScheduledExecutorService deadlines;
  private final Duration answerWithin;

  private WebhookClient(ReceiverAddresses addresses, int connections, Duration answerWithin) {
    this.https = client(addresses, connections, answerWithin);
    this.http = client(addresses.ofHttp(), connections, answerWithin);
    this.answerWithin = answerWithin;
    this.deadlines =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("notification-deadlines").factory());
  }

  static WebhookClient create(ReceiverAddresses addresses, int connections) {
    return create(addresses, connections, ANSWER_WITHIN);
  }

  /** One with other patience. */
  static WebhookClient create(ReceiverAddresses addresses, int connections, Duration answerWithin) {
    return new WebhookClient(addresses, connections, answerWithin);
  }

  /** Connects to addresses that its resolver has judged, and to no others. */
  private static CloseableHttpClient client(
      DnsResolver resolver, int connections, Duration answerWithin) {
    return HttpClients.custom()
        .setConnectionManager(
            PoolingHttpClientConnectionManagerBuilder.create()
                .setDnsResolver(resolver)
                .setMaxConnPerRoute(connections)
                .setMaxConnTotal(connections)
                .setDefaultConnectionConfig(
                    ConnectionConfig.custom()
                        .setConnectTimeout(Timeout.of(CONNECT_WITHIN))
                        .setSocketTimeout(Timeout.of(answerWithin))
                        .setTimeToLive(TimeValue.ofMinutes(1))
                        .build())
                .build())
        .setUserAgent("workspace-operator")
        .disableRedirectHandling()
        .disableAutomaticRetries()
        .disableCookieManagement()
        .disableAuthCaching()
        .disableContentCompression()
        .build();
  }

  /** What came of an attempt. */
  sealed interface Result {
    /** It has arrived. */
    record Delivered() implements Result {}

    /**
     * It has not, or nobody knows.
     *
     * @param why for the log
     * @param retryAfter how long the receiver wants to be left alone
     */
    record Failed(String why, Optional<Duration> retryAfter) implements Result {}
  }

  /** Sends, once. */
  Result post(Receiver receiver, String id, Instant now, byte[] body) {
    HttpPost post = new HttpPost(receiver.url());
    post.setEntity(new ByteArrayEntity(body, ContentType.create(CloudEvents.MEDIA_TYPE, UTF_8)));
    post.setHeader("webhook-id", id);
    post.setHeader("webhook-timestamp", Long.toString(now.getEpochSecond()));
    post.setHeader("webhook-signature", receiver.key().signature(id, now, body));
    ScheduledFuture<?> deadline =
        deadlines.schedule(post::abort, answerWithin.toMillis(), TimeUnit.MILLISECONDS);
    AtomicReference<@Nullable Result> known = new AtomicReference<>();
    try {
      return (receiver.url().getScheme().equals("http") ? http : https)
          .execute(
              post,
              response -> {
                Result result = result(response);
                known.set(result);
                if (isLong(response.getEntity())) {
                  // What is left is never read: the connection ends with it.
                  post.abort();
                }
                return result;
              });
    } catch (IOException e) {
      Result result = known.get();
      if (result != null) {
        return result;
      }
      return new Result.Failed(
          post.isAborted()
              ? "no answer within %d s".formatted(answerWithin.toSeconds())
              : e.getClass().getSimpleName() + ": " + e.getMessage(),
          Optional.empty());
    } finally {
      deadline.cancel(false);
    }
  }

  private static Result result(ClassicHttpResponse response) {
    int status = response.getCode();
    if (status >= 200 && status < 300) {
      return new Result.Delivered();
    }
    return new Result.Failed(
        status >= 300 && status < 400
            ? "it answered %d, and redirects are not followed".formatted(status)
            : "it answered %d".formatted(status),
        retryAfter(response.getFirstHeader(HttpHeaders.RETRY_AFTER)));
  }

  /** Leaves the body open: closing it would read the rest. */
  private static boolean isLong(@Nullable HttpEntity entity) throws IOException {
    return entity != null
        && entity.getContent().readNBytes(READ_BYTES_MAX).length == READ_BYTES_MAX;
  }

  private static Optional<Duration> retryAfter(@Nullable Header header) {
    if (header == null || !header.getValue().matches("[0-9]{1,6}")) {
      return Optional.empty();
    }
    Duration wanted = Duration.ofSeconds(Long.parseLong(header.getValue()));
    return Optional.of(wanted.compareTo(RETRY_AFTER_MAX) < 0 ? wanted : RETRY_AFTER_MAX);
  }

  @Override
  public void close() {
    deadlines.shutdownNow();
    try (https) {
      http.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the client of receivers cannot be closed", e);
    }
  }
}
