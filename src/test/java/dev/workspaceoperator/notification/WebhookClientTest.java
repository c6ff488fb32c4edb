package dev.workspaceoperator.notification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.network.Network;
import dev.workspaceoperator.notification.TestReceiver.Behaviour;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is connected to is what was judged, whatever the name says by then. */
class WebhookClientTest {
  private static final List<Network> LOOPBACK =
      List.of(Network.parse("127.0.0.1", _ -> {}).orElseThrow());
  private static final InetAddress ALLOWED = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress NOT_ALLOWED = InetAddress.ofLiteral("127.0.0.2");
  private static final InetAddress PUBLIC = InetAddress.ofLiteral("1.1.1.1");

  private final AtomicInteger lookups = new AtomicInteger();

  /** The first lookup of a name has the first of these addresses, and so on; the last goes on. */
  private WebhookClient.Result post(String scheme, int port, InetAddress... addresses)
      throws Exception {
    try (NameLookups names =
            new NameLookups(
                1,
                Duration.ofSeconds(5),
                host ->
                    new InetAddress[] {
                      addresses[Math.min(lookups.getAndIncrement(), addresses.length - 1)]
                    });
        WebhookClient client =
            WebhookClient.create(
                new ReceiverAddresses(LOOPBACK, names), 1, Duration.ofSeconds(5))) {
      Receiver receiver =
          new Receiver(
              "r",
              new URI("%s://hooks.example.com:%d/".formatted(scheme, port)),
              TestReceiver.KEY,
              Set.of());
      return client.post(receiver, "id", Instant.EPOCH, "{}".getBytes(UTF_8));
    }
  }

  @Test
  void aNameThatMeansSomethingElseAMomentLaterIsLookedUpOnce() throws Exception {
    try (TestReceiver receiver = TestReceiver.start(Behaviour.TAKES)) {
      WebhookClient.Result result =
          post("http", receiver.url().getPort(), ALLOWED, NOT_ALLOWED, PUBLIC);

      assertThat(result).isInstanceOf(WebhookClient.Result.Delivered.class);
      assertThat(lookups).hasValue(1);
    }
  }

  @Test
  void whatIsSentInTheClearGoesToNoPublicAddress() throws Exception {
    WebhookClient.Result result = post("http", 80, PUBLIC);

    assertThat(result)
        .isInstanceOfSatisfying(
            WebhookClient.Result.Failed.class,
            failed -> assertThat(failed.why()).contains("http is for allowedNetworks only"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "https"})
  void anAddressThatIsNotAllowedIsNotConnectedToAtAnyAttempt(String scheme) throws Exception {
    for (int attempt = 0; attempt < 3; attempt++) {
      assertThat(post(scheme, 80, NOT_ALLOWED))
          .isInstanceOfSatisfying(
              WebhookClient.Result.Failed.class,
              failed -> assertThat(failed.why()).contains("has the address 127.0.0.2"));
    }
    assertThat(lookups).hasValue(3);
  }
}
