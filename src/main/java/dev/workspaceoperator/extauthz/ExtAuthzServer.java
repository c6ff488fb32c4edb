package dev.workspaceoperator.extauthz;

import dev.workspaceoperator.auth.Authenticator;
import dev.workspaceoperator.http.server.AccessLog;
import dev.workspaceoperator.http.server.InFlight;
import dev.workspaceoperator.trace.Tracer;
import dev.workspaceoperator.workspace.port.Admissions;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gRPC server that Envoy speaks to. Each question has a virtual thread. */
public final class ExtAuthzServer implements AutoCloseable {
  /** As much of a request's body as examples/envoy shows, 1 MiB, and its headers. */
  static final int MESSAGE_BYTES_MAX = 1_280 * 1024;

  private static final int HEADERS_BYTES_MAX = 64 * 1024;

  /** Envoy pings more often than the library lets clients do. */
  private static final long PING_SECONDS_MIN = 5;

  private static final long CERTIFICATES_LOOK_MINUTES = 1;
  private static final Logger log = LoggerFactory.getLogger(ExtAuthzServer.class);

  private final Server server;
  private final ExecutorService threads;
  private final ScheduledExecutorService certificates;
  private final Settlements settlements;
  private final InFlight inFlight;
  private final ExtAuthzSettings settings;

  private ExtAuthzServer(
      Server server,
      ExecutorService threads,
      ScheduledExecutorService certificates,
      Settlements settlements,
      InFlight inFlight,
      ExtAuthzSettings settings) {
    this.server = server;
    this.threads = threads;
    this.certificates = certificates;
    this.settlements = settlements;
    this.inFlight = inFlight;
    this.settings = settings;
  }

  /**
   * Starts it.
   *
   * @param prices empty where every request takes the default reservation, or what it names
   * @param settlementKey the key that all replicas share
   * @throws IllegalStateException if the port is taken, or a certificate is not fit
   */
  public static ExtAuthzServer start(
      ExtAuthzSettings settings,
      Authenticator authenticator,
      Admissions admissions,
      Optional<PriceFile> prices,
      byte[] settlementKey,
      AccessLog accessLog,
      Tracer tracer,
      MeterRegistry registry) {
    InFlight inFlight = new InFlight();
    SettleTokens tokens = new SettleTokens(settlementKey);
    Settlements settlements = new Settlements(admissions, tracer, registry);
    ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("ext-authz-", 0).factory());
    ScheduledExecutorService certificates = Executors.newSingleThreadScheduledExecutor();
    try {
      Server server =
          NettyServerBuilder.forAddress(
                  new InetSocketAddress(settings.host(), settings.port()),
                  credentials(settings.tls(), certificates))
              .executor(threads)
              .maxInboundMessageSize(MESSAGE_BYTES_MAX)
              .maxInboundMetadataSize(HEADERS_BYTES_MAX)
              .permitKeepAliveTime(PING_SECONDS_MIN, TimeUnit.SECONDS)
              .permitKeepAliveWithoutCalls(true)
              .maxConcurrentCallsPerConnection(settings.callsMax())
              .intercept(new OwnCredential.Reader())
              .addService(
                  new CheckService(
                      settings,
                      authenticator,
                      admissions,
                      prices,
                      tokens,
                      settlements,
                      inFlight,
                      accessLog,
                      tracer,
                      registry))
              .addService(new AccessLogService(settings, prices, tokens, settlements))
              .build()
              .start();
      return new ExtAuthzServer(server, threads, certificates, settlements, inFlight, settings);
    } catch (IOException e) {
      certificates.shutdownNow();
      throw new IllegalStateException(
          "ext-authz cannot listen on %s:%d: is another process using the port? Choose another with --address."
              .formatted(settings.host(), settings.port()),
          e);
    } catch (GeneralSecurityException e) {
      certificates.shutdownNow();
      throw new IllegalStateException("The certificate of ext-authz is not fit", e);
    } catch (RuntimeException e) {
      certificates.shutdownNow();
      throw e;
    }
  }

  private static ServerCredentials credentials(
      Optional<ExtAuthzSettings.Tls> tls, ScheduledExecutorService certificates)
      throws IOException, GeneralSecurityException {
    if (tls.isEmpty()) {
      return InsecureServerCredentials.create();
    }
    AdvancedTlsX509KeyManager own = new AdvancedTlsX509KeyManager();
    own.updateIdentityCredentials(
        tls.get().certificates().toFile(),
        tls.get().key().toFile(),
        CERTIFICATES_LOOK_MINUTES,
        TimeUnit.MINUTES,
        certificates);
    TlsServerCredentials.Builder builder = TlsServerCredentials.newBuilder().keyManager(own);
    if (tls.get().clientAuthorities().isPresent()) {
      AdvancedTlsX509TrustManager clients =
          AdvancedTlsX509TrustManager.newBuilder()
              .setVerification(
                  AdvancedTlsX509TrustManager.Verification.CERTIFICATE_ONLY_VERIFICATION)
              .build();
      clients.updateTrustCredentials(
          tls.get().clientAuthorities().get().toFile(),
          CERTIFICATES_LOOK_MINUTES,
          TimeUnit.MINUTES,
          certificates);
      builder.trustManager(clients).clientAuth(TlsServerCredentials.ClientAuth.REQUIRE);
    }
    return builder.build();
  }

  /** The port that it listens on. */
  public int port() {
    return server.getPort();
  }

  /** Lets what is under way end, for a bounded time, and stops. */
  @Override
  public void close() {
    inFlight.startDraining();
    server.shutdown();
    // Access logs are streams as long as their Envoy lives: only questions are waited for.
    if (!inFlight.drain(settings.drainTimeout())) {
      log.atWarn()
          .addKeyValue("questions", inFlight.underWay())
          .log("Questions are cut off, because they did not end in time");
    }
    server.shutdownNow();
    settlements.drain(settings.drainTimeout());
    settlements.close();
    certificates.shutdownNow();
    threads.shutdown();
  }
}
