package dev.workspaceoperator.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SharesTest {
  private static final Duration LONG = Duration.ofMinutes(10);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Shares<String> shares =
      new Shares<>("things", "things", new ShareBounds(3, 2), registry);

  @Test
  void oneTenantHasAtMostHisShare() {
    Shares.Place first = shares.take("a");
    Shares.Place _ = shares.take("a");

    assertThatThrownBy(() -> shares.take("a"))
        .isInstanceOf(ShareExceededException.class)
        .hasMessageContaining("2 things");
    first.close();
    Shares.Place _ = shares.take("a");
    Shares.Place _ = shares.take("b");
    assertThat(shares.taken()).isEqualTo(3);
  }

  @Test
  void allOfThemTogetherAreBounded() {
    Shares.Place first = shares.take("a");
    Shares.Place _ = shares.take("b");
    Shares.Place _ = shares.take("c");

    assertThatThrownBy(() -> shares.take("d")).isInstanceOf(OverloadedException.class);
    first.close();
    Shares.Place _ = shares.take("d");
  }

  @Test
  void whoRestsLeavesHisPlaceToOthersAndHasItAgainLater() {
    shares.take("a").close(LONG);
    shares.take("a").close(LONG);

    assertThat(shares.taken()).isZero();
    assertThatThrownBy(() -> shares.take("a")).isInstanceOf(ShareExceededException.class);
    shares.take("b").close(Duration.ofMillis(1));
    shares.take("b").close(Duration.ofMillis(1));
    await().ignoreExceptions().until(() -> shares.take("b") != null);
  }

  @Test
  void whatIsKeptForLongIsAskedForAgainLater() {
    Shares.Place _ = shares.take("a", LONG);
    Shares.Place _ = shares.take("a", LONG);

    assertThatThrownBy(() -> shares.take("a", LONG))
        .isInstanceOfSatisfying(
            ShareExceededException.class, e -> assertThat(e.retryAfter()).isEqualTo(LONG));
  }

  @Test
  void metricsTellHowMuchIsTakenAndWhoseShareWasFullWithoutATenantsName() {
    Shares.Place _ = shares.take("a");
    Shares.Place _ = shares.take("a");
    assertThatThrownBy(() -> shares.take("a")).isInstanceOf(ShareExceededException.class);
    Shares.Place _ = shares.take("b");
    assertThatThrownBy(() -> shares.take("b")).isInstanceOf(OverloadedException.class);

    assertThat(registry.get(ShareWatch.TAKEN).tag("share", "things").gauge().value()).isEqualTo(3);
    assertThat(registry.get(ShareWatch.PLACES).tag("share", "things").gauge().value()).isEqualTo(3);
    assertThat(refused("one")).isEqualTo(1);
    assertThat(refused("all")).isEqualTo(1);
    assertThat(registry.getMeters())
        .allSatisfy(meter ->
            assertThat(meter.getId().getTags())
                .allSatisfy(tag -> assertThat(tag.getValue()).isNotIn("a", "b")));
  }

  @Test
  void aShareIsAtLeastOnePlace() {
    assertThat(ShareBounds.parts(3, 4)).isEqualTo(new ShareBounds(3, 1));
    assertThatThrownBy(() -> new ShareBounds(1, 2)).isInstanceOf(IllegalArgumentException.class);
  }

  private double refused(String whose) {
    return registry.get(ShareWatch.REFUSED).tag("whose", whose).counter().count();
  }
}
