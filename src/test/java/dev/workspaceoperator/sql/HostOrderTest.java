package dev.workspaceoperator.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.postgresql.util.HostSpec;

/** What one connection has found out of the hosts, the others of its process know. */
class HostOrderTest {
  private static final HostSpec A = new HostSpec("a", 5432);
  private static final HostSpec B = new HostSpec("b", 5433);

  @Test
  void whoFailsIsTriedLastByEveryConnectionToTheSameHosts() {
    HostOrder one = order("fails");
    HostOrder other = order("fails");
    assertThat(one.from(one.first())).first().extracting(HostSpec::getHost).isEqualTo("fails");

    one.failed(0);

    assertThat(other.from(other.first())).first().isEqualTo(B);
    assertThat(other.from(other.first())).hasSize(2);
  }

  @Test
  void twoThatHaveFailedOnTheSameHostDoNotPassOverTheNext() {
    HostOrder order = order("both");
    order.failed(0);
    order.failed(0);
    assertThat(order.first()).isEqualTo(1);

    order.failed(1);
    assertThat(order.first()).isZero();
  }

  @Test
  void whoServesIsTriedFirstThoughAnotherOneWasToBe() {
    HostOrder order = HostOrder.of(new String[] {"a", "b"}, new int[] {5432, 5433});
    order.serves(B);
    assertThat(order.from(order.first())).containsExactly(B, A);

    order.serves(new HostSpec("c", 1));
    assertThat(order.first()).isEqualTo(1);
  }

  private static HostOrder order(String first) {
    return HostOrder.of(new String[] {first, "b"}, new int[] {5432, 5433});
  }
}
